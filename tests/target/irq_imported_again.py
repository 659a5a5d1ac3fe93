"""Handlers of Python functions go on working when corten is forgotten, and beside those of a second import of it."""

import gc
import sys

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.soft import soft

lines = [board.IRQ_COUNT - number for number in range(1, 5)]
ran = [0, 0, 0, 0]


def in_place(index):
    def run(count=1):
        ran[index] += count

    return run


def bind(hard_line, soft_line, index):
    for line, handler in ((hard_line, hard(in_place(index))), (soft_line, soft(in_place(index + 1)))):
        Interrupt(line).bind(handler)
        Interrupt(line).enable()


bind(lines[0], lines[1], 0)
for name in [name for name in sys.modules if name.startswith("corten")]:
    del sys.modules[name]

bind(lines[2], lines[3], 2)
for _ in range(50):
    gc.collect()
    garbage = [bytearray(b"\xff" * 48) for _ in range(100)]
    del garbage
    for line in lines:
        Interrupt(line).pend()
for _ in range(10):
    pass
assert ran == [50, 50, 50, 50], ran
for line in lines:
    Interrupt(line).unbind()
