"""A line with a handler refuses a second one, names its owner, and keeps the first."""

import board
from corten.hard import hard
from corten.irq import AlreadyBound, Interrupt
from corten.native import count, native
from corten.soft import soft


def first():
    pass


line = Interrupt(board.IRQ_COUNT - 1)
line.bind(hard(first))
line.enable()
for other in (hard(lambda: None), soft(lambda count: None), native(count)):
    try:
        Interrupt(line.number).bind(other)
    except AlreadyBound as error:
        assert "first" in str(error), error
    else:
        raise AssertionError("bound twice")
line.pend()
assert line.handler.function is first and line.handler.runs == 1
handler = soft(lambda count: None)
others = [Interrupt(board.IRQ_COUNT - 2), Interrupt(board.IRQ_COUNT - 3)]
others[0].bind(handler)
try:
    others[1].bind(handler)
except AlreadyBound as error:
    assert "another interrupt" in str(error), error
else:
    raise AssertionError("one soft handler was bound to two lines")
