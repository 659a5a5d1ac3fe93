"""machine.idle sleeps until an interrupt: at least once a millisecond, and at once for one that is pending."""

import time

import machine

import board
from corten.irq import Interrupt
from corten.native import count, native

start = time.ticks_ms()
for _ in range(20):
    machine.idle()
elapsed = time.ticks_diff(time.ticks_ms(), start)
assert elapsed <= 21, elapsed

handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
line.pend()
machine.idle()
assert handler.words[0] == 1
