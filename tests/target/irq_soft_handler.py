"""A soft handler runs in the main context, and is told of every interrupt since it ran last."""

import board
from corten import context
from corten.critical import critical
from corten.irq import Interrupt
from corten.soft import soft

line = Interrupt(board.IRQ_COUNT - 1)
told = []


def received(count):
    assert context.exception() == context.MAIN
    told.append(count)
    bytearray(100)


def settle():
    for _ in range(8):
        pass


handler = soft(received)
line.bind(handler)
line.enable()
line.pend()
settle()
assert told == [1], told
for _ in range(5):
    with critical:
        line.pend()
settle()
assert sum(told) == 6 and handler.runs == 6 and handler.pending == 0, told


def burst():
    line.pend()
    line.pend()
    line.pend()


burst()
settle()
assert sum(told) == 9 and told[-1] == 3, told
line.unbind()
line.bind(handler)
line.enable()
line.pend()
settle()
assert sum(told) == 10, told
line.pend()
line.unbind()
settle()
assert sum(told) in (10, 11), told
