"""Unbinding disables the line and forgets what is pending; the line can be bound anew, but not twice at once."""

import board
from corten.irq import AlreadyBound, Interrupt
from corten.native import count, native

first, second = native(count), native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(first)
try:
    Interrupt(board.IRQ_COUNT - 1).bind(second)
except AlreadyBound as error:
    assert "interrupt %d" % line.number in str(error)
else:
    raise AssertionError("the line was bound twice")
line.pend()
line.unbind()
assert not line.pending and not line.enabled
line.bind(second)
line.enable()
line.pend()
assert (first.words[0], second.words[0]) == (0, 1)
