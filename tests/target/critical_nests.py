"""Only the outermost critical section unmasks."""

import board
from corten.critical import critical
from corten.irq import Interrupt
from corten.native import count, native

handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
with critical:
    with critical:
        with critical:
            line.pend()
        assert handler.words[0] == 0
    assert handler.words[0] == 0
    with critical:
        pass
    assert handler.words[0] == 0
assert handler.words[0] == 1
