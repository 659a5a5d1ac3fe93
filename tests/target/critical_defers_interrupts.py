"""An interrupt that becomes pending in a critical section runs right after it, and not before."""

import board
from corten.critical import critical
from corten.irq import Interrupt
from corten.native import count, native

handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
for done in range(100):
    with critical:
        line.pend()
        inside = handler.words[0]
        still_pending = line.pending
    after = handler.words[0]
    assert (inside, still_pending, after) == (done, True, done + 1), (inside, still_pending, after)
