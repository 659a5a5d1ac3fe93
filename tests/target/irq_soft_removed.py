"""A soft handler that unbinds itself and then another one drops what the other was not told of."""

import micropython

import board
from corten.irq import Interrupt
from corten.soft import soft

first, second = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
told = []


def unbind_both(count):
    first.unbind()
    second.unbind()


second.bind(soft(told.append))
first.bind(soft(unbind_both))
for line in (first, second):
    line.enable()


@micropython.native
def go():
    second.pend()
    first.pend()


go()
for _ in range(10):
    pass
assert told == [], told
