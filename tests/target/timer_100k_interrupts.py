# needs: timer
# timeout: 120
"""10^5 timer interrupts during garbage collection: none is lost.

Two windows are measured, each from one edge of the timer to another: one with a quiet main loop, one with a main loop
that allocates and collects. Both must show the same time per interrupt, to less than half a period in 10^5.
"""

import gc
import time

import micropython

import board
from corten.critical import critical
from corten.register import Block, Reg

PERIOD_US = 5
TICKS = 100_000


class Nvic(Block):
    ISPR = Reg(0x100)  # DDI 0403E, section B3.4.6


@micropython.viper
def wait_pending(register: int, bit: int):
    pending = ptr32(register)
    while not pending[0] & bit:
        pass


def edge():
    with critical:
        wait_pending(ispr, bit)
        return time.ticks_us(), timer.ticks


def window(step):
    gc.collect()
    first_us, first_ticks = edge()
    while timer.ticks - first_ticks < TICKS:
        step()
    last_us, last_ticks = edge()
    return time.ticks_diff(last_us, first_us), last_ticks - first_ticks


def collect():
    global collections, junk
    collections += 1
    junk = [bytearray(16) for _ in range(50)]
    gc.collect()


collections = 0
junk = None
live = [[n] for n in range(500)]
timer = board.CAPABILITIES["timer"].open()
number = timer.interrupt.number
ispr = Nvic(0xE000_E100 + number // 32 * 4).ISPR.address
bit = 1 << number % 32
timer.on_tick()
timer.start(PERIOD_US)
quiet_us, quiet_ticks = window(lambda: None)
busy_us, busy_ticks = window(collect)
timer.close()
expected = busy_us * quiet_ticks / quiet_us
print("%d ticks, %.2f expected, %d collections" % (busy_ticks, expected, collections))
assert collections >= 100
assert abs(busy_us * quiet_ticks - busy_ticks * quiet_us) * 2 < quiet_us, "lost: %.2f" % (expected - busy_ticks)
