"""A soft handler that raises is counted, keeps its exception, stays bound, and does not keep others from running."""

import board
from corten.irq import Interrupt
from corten.soft import soft

first, second = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
told = []


def fail(count):
    raise ValueError(count)


for line, function in ((first, fail), (second, told.append)):
    line.bind(soft(function))
    line.enable()


def both():
    first.pend()
    second.pend()


for _ in range(3):
    both()
    for _ in range(4):
        pass
handler = first.handler
assert told == [1, 1, 1], told
assert (handler.runs, handler.errors, handler.error_type) == (3, 3, ValueError)
assert handler.last_error.args == (1,)
first.unbind()


def leaves(count):
    second.unbind()
    told.append(-count)
    bytearray(1000)


both()
for _ in range(4):
    pass
assert told == [1, 1, 1, 1]
second.unbind()
second.bind(soft(leaves))
second.enable()
second.pend()
for _ in range(4):
    pass
assert told == [1, 1, 1, 1, -1] and second.handler is None
