# needs: timer
# soft_reset: 2
"""A soft reset releases what a program left taken: the timer is stopped, its interrupt unhooked, and free again."""

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
assert not line.pending, "the timer was not put back"
timer = peripheral.open(owner="run %d" % RUN)
timer.on_tick()
timer.start(PERIOD_US)
assert taken() == [(peripheral.name, "run %d" % RUN)]
