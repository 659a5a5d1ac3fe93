"""A line that the chip does not have is refused."""

import board
from corten.irq import Interrupt

Interrupt(0)
Interrupt(board.IRQ_COUNT - 1)
for number in (-1, board.IRQ_COUNT, 1000):
    try:
        Interrupt(number)
    except ValueError as error:
        assert "0 to %d" % (board.IRQ_COUNT - 1) in str(error)
    else:
        raise AssertionError("line %d was accepted" % number)
