"""The pins of RP2040 and nRF51 on any board, on the real machine code and a block of RAM in place of the
registers: each store of a handle has its place and its word, and edges are counted and forgotten.
"""

from array import array

import uctypes

import board
from corten.native import count, native
from corten.peripheral import Pin
from corten.pin import UseAfterMove

LINE = board.DISPATCHERS[0]
SIZE = 0x3140  # up to the alias that disables interrupts of IO_BANK0


class Ram:
    """Registers that keep what was written; reading and writing change nothing else."""

    def __init__(self, size=SIZE):
        self.words = array("I", bytes(size))
        self.base = uctypes.addressof(self.words)

    def take(self, offset):
        """Return a register's word, and have 0 there from now on."""
        found, self.words[offset // 4] = self.words[offset // 4], 0
        return found

    def put(self, offset, word):
        self.words[offset // 4] = word


def check_output(pin, port, registers, bit):
    output, set_, clear, toggle, level = registers
    led = pin.into_output(initial=1)
    assert port.take(set_) == 1 << bit
    for act, at in ((led.on, set_), (led.off, clear)):
        act()
        assert port.take(at) == 1 << bit and not port.take(output)
    led.write(1)
    led(0)
    assert (port.take(set_), port.take(clear)) == (1 << bit, 1 << bit)
    for was in (0, 1):
        port.put(output, was << bit)
        led.toggle()
        assert port.take(toggle or (clear if was else set_)) == 1 << bit
    for now in (0, 1):
        port.put(level, now << bit | ~(1 << bit) & 0xFFFF_FFFF)
        assert led.read() == led.value() == now
    source = led.into_input(pull="up")
    assert source.read() == 1
    try:
        led.on()
    except UseAfterMove:
        pass
    else:
        raise AssertionError("the output was moved")
    return source


def check_edges(source, ram, flag, clear, mask, forgets):
    edges = source.edges(rising=True, falling=True)
    edges.interrupt.pend()
    assert edges.count == 0, "there was no edge of this pin"
    for number in range(1, 4):
        ram.put(flag, mask)
        ram.put(clear, mask if forgets == 0 else 0)
        edges.interrupt.pend()
        assert edges.count == number
        assert ram.take(clear) == forgets
        ram.put(flag, 0)
    edges.stop()
    source.close()


def check_others(source, ram, requests):
    """What asks and is none of ours is left to the code that had the line before, here a handler that counts."""
    port = native(count)
    edges = source.edges(rising=True)
    code = edges._server._handler.words
    code[1] = port.address
    for at, mask, calls in (
        (requests, 1, 1),
        (requests + 8, 0xC << 20, 1),
        (requests + 8, 1, 2),
        (requests + 12, 8, 3),
    ):
        ram.put(at, mask)
        edges.interrupt.pend()
        assert port.words[0] == calls, (at, port.words[0])
        ram.put(at, 0)
    assert edges.count == 1
    edges.stop()


bank, pads, sio = Ram(), Ram(0x100), Ram(0x40)
for name in ("IO_BANK0", "GPIOTE"):
    board.INTERRUPTS[name] = LINE
gpio = Pin("GPIO21", "gpio_rp2040", sio.base, 21, {"functions": bank.base, "pads": pads.base})
drain = gpio.into_output(open_drain=True, initial=1)
assert bank.words[(8 * 21 + 4) // 4] == 0x1205, "always low, and enabled while GPIO_OE is 0"
assert sio.take(0x24) == 1 << 21
drain.off()
assert sio.take(0x28) == 1 << 21
drain.close()
source = check_output(gpio, sio, (0x10, 0x14, 0x18, 0x1C, 0x04), 21)
assert bank.words[(8 * 21 + 4) // 4] == 5, "it is not SIO's"
assert pads.words[1 + 21] == 0x5A
check_others(source, bank, 0x120)
bank.take(0x2108), bank.take(0x3108), bank.take(0xF8)
check_edges(source, bank, 0x128, 0xF8, 0xC << 20, 0xC << 20)
assert bank.take(0x2108) == bank.take(0x3108) == 0xC << 20, "the aliases that enable and disable"

port = events = bank
gpio = Pin("P0_17", "gpio_nrf51", port.base, 17, {"edges": events.base + 0x1000})
source = check_output(gpio, port, (0x504, 0x508, 0x50C, None, 0x510), 17)
assert port.words[(0x700 + 4 * 17) // 4] == 0x0C
check_edges(source, events, 0x1100, 0x1100, 1, 0)
assert (events.take(0x1304), events.take(0x1308)) == (1, 1)
