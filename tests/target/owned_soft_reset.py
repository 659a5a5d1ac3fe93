# needs: timer
# soft_reset: 2
"""A soft reset releases what a program left taken: the timer is stopped, its interrupt unhooked, and free again."""

import time

import board
from corten.irq import Interrupt, owners
from corten.owned import taken

peripheral = board.CAPABILITIES["timer"]
line = Interrupt(peripheral)
assert taken() == [] and owners() == []
assert not line.enabled and not line.pending
time.sleep_ms(2)
assert not line.pending, "the timer runs"
timer = peripheral.open(owner="run %d" % RUN)
timer.on_tick()
timer.start(50)
assert taken() == [(peripheral.name, "run %d" % RUN)]
