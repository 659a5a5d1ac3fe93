"""Priorities read back as written, within the bits that the chip has; others are refused and change nothing."""

import board
from corten.irq import Interrupt

line = Interrupt(board.IRQ_COUNT - 1)
neighbour = Interrupt(board.IRQ_COUNT - 2)
levels = board.PRIORITIES
assert levels == 1 << board.PRIORITY_BITS
found, beside = line.priority, neighbour.priority
assert found in (levels, levels // 2), "neither the NVIC's 0, nor what pico-sdk makes of it"
for priority in (1, levels // 2, levels - 1, levels):
    line.priority = priority
    assert line.priority == priority
    assert neighbour.priority == beside
for wrong in (0, levels + 1, -1):
    try:
        line.priority = wrong
    except ValueError as error:
        assert "1 to %d" % levels in str(error)
    else:
        raise AssertionError("priority %d was accepted" % wrong)
    assert line.priority == levels
