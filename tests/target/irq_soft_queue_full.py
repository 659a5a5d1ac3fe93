"""With the queue of micropython.schedule full, a soft handler is called all the same, and nothing in the queue is
lost."""

import micropython

import board
from corten.irq import Interrupt
from corten.soft import soft

line = Interrupt(board.IRQ_COUNT - 1)
ran = []
ran.extend(range(32))
ran.clear()


@micropython.native
def fill_and_pend():
    # Native code runs no scheduled callback.
    count = 0
    try:
        while True:
            micropython.schedule(ran.append, count)
            count += 1
    except RuntimeError:
        pass
    line.pend()
    line.pend()
    return count


told = []
line.bind(soft(told.append))
line.enable()
for _ in range(50):
    ran.clear()
    told.clear()
    count = fill_and_pend()
    for _ in range(2 * count + 4):
        pass
    assert ran == list(range(count)) and sum(told) == 2, (ran, told)
