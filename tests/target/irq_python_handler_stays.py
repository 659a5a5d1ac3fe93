"""A bound Python handler cannot be collected, though nothing else refers to it."""

import gc

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.soft import soft

counts = [0, 0]


def bind(index, kind):
    def function(count=1):
        counts[index] += count

    line = Interrupt(board.IRQ_COUNT - 1 - index)
    line.bind(kind(function))
    line.enable()


bind(0, hard)
bind(1, soft)
for _ in range(20):
    gc.collect()
    garbage = [bytearray(b"\xff" * 48) for _ in range(200)]
    del garbage
    for index in range(2):
        Interrupt(board.IRQ_COUNT - 1 - index).pend()
for _ in range(4):
    pass
assert counts == [20, 20], counts
