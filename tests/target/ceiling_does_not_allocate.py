"""Ceilings, shared values and their use in a handler work with the heap locked."""

import micropython

import board
from corten.ceiling import ceiling
from corten.hard import hard
from corten.irq import Interrupt
from corten.shared import Shared, SharedWord

line = Interrupt(board.IRQ_COUNT - 1)
line.priority = 2
total, word = Shared(0, ceiling=2), SharedWord(0, ceiling=2)
two, three = ceiling(2), ceiling(3)


def work():
    with total.lock() as t, word.lock() as w:
        t.value += 1
        w.value += 1
    with two, three:
        pass


handler = hard(work)
line.bind(handler)
line.enable()
micropython.heap_lock()
for _ in range(20):
    work()
    line.pend()
micropython.heap_unlock()
assert handler.errors == 0, handler.last_error
with total.lock() as t, word.lock() as w:
    assert (t.value, w.value) == (40, 40)
