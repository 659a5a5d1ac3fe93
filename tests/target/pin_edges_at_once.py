# needs: pin
"""An edge that comes while its counting starts is served, also where other pins share the interrupt: one that nobody
clears would interrupt for ever. The registers are words of RAM.
"""

from array import array

import uctypes

import board
from corten.drivers import gpio_nrf51
from corten.irq import Interrupt, owners
from corten.peripheral import Pin
from corten.soft import soft

line = Interrupt(board.DISPATCHERS[0])
board.INTERRUPTS["GPIOTE"] = line.number
words = array("I", bytes(0x2000))
base = uctypes.addressof(words)
start = gpio_nrf51.PinEdges.start


def start_and_see_one(self, rising, falling, owner):
    start(self, rising, falling, owner)
    uctypes.bytearray_at(self.flag[0], 4)[0] = 1
    line.pend()


gpio_nrf51.PinEdges.start = start_and_see_one
told: list = []
pins = []
for bit in range(3):
    pin = Pin("P0_%d" % bit, "gpio_nrf51", base, bit, {"edges": base + 0x1000}).into_input()
    edges = pin.edges(rising=True, then=soft(told.append))
    assert edges.count == 1
    assert not words[0x1100 // 4 + bit], "the edge asks again"
    pins.append(pin)
for _ in range(3):
    pass  # callbacks run
assert told == [1, 1, 1]


def fail(self, rising, falling, owner):
    start(self, rising, falling, owner)
    raise KeyboardInterrupt


# One that could not start leaves the others counting, and nothing of itself.
gpio_nrf51.PinEdges.start = fail
pin = Pin("P0_3", "gpio_nrf51", base, 3, {"edges": base + 0x1000}).into_input()
handler = soft(told.append)
try:
    pin.edges(rising=True, then=handler)
except KeyboardInterrupt:
    assert not handler.is_installed()
else:
    raise AssertionError("Ctrl-C was lost")
pin.close()
assert len(owners()) == 1
for pin in pins:
    pin.close()
assert owners() == []
