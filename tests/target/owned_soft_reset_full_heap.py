# needs: timer
# soft_reset: 3
"""A soft reset takes handlers away and releases what is taken although the heap is full: memory is kept for that."""

import gc
import time

import board
from corten.irq import Interrupt, owners
from corten.owned import taken

PERIOD_US = 50
peripheral = board.CAPABILITIES["timer"]
line = Interrupt(peripheral)
assert taken() == [] and owners() == []
assert not line.enabled
time.sleep_us(4 * PERIOD_US)
assert not line.pending, "the timer runs"
timer = peripheral.open(owner="run %d" % RUN)
timer.on_tick()
timer.start(PERIOD_US)
kept = []
for size in (1000, 100, 1):
    try:
        while True:
            kept = [kept, bytearray(size)]
    except MemoryError:
        pass
assert gc.mem_free() < 1000, gc.mem_free()
