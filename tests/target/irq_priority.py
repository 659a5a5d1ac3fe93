"""Priorities read back as written, within the bits that the chip has; others are refused and change nothing."""

import board
from corten.irq import Interrupt

line = Interrupt(board.IRQ_COUNT - 1)
neighbour = Interrupt(board.IRQ_COUNT - 2)
levels = 1 << board.PRIORITY_BITS
assert line.priority == 0
for priority in (1, levels // 2, levels - 1):
    line.priority = priority
    assert line.priority == priority
    assert neighbour.priority == 0
for wrong in (levels, -1):
    try:
        line.priority = wrong
    except ValueError as error:
        assert "0 to %d" % (levels - 1) in str(error)
    else:
        raise AssertionError("priority %d was accepted" % wrong)
    assert line.priority == levels - 1
