"""wait_for_interrupt ends for an interrupt that is pending already, so none between look and sleep is missed."""

import time

import board
from corten.critical import critical, wait_for_interrupt
from corten.irq import Interrupt
from corten.native import count, native

handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
start = time.ticks_us()
for done in range(200):
    with critical:
        line.pend()
        wait_for_interrupt()
        assert handler.words[0] == done
    assert handler.words[0] == done + 1
elapsed = time.ticks_diff(time.ticks_us(), start)
assert elapsed < 100_000, "it slept until the port's tick: %d us" % elapsed
