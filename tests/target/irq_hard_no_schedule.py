"""Inside a hard handler nothing that was scheduled runs, and what it schedules runs afterwards."""

import micropython

import board
from corten.hard import hard
from corten.irq import Interrupt

line = Interrupt(board.IRQ_COUNT - 1)
order = []
order.extend(range(8))
order.clear()


def note(text):
    order.append(text)


def handle():
    micropython.schedule(note, "scheduled")
    for _ in range(100):
        pass
    order.append("handler")


line.bind(hard(handle))
line.enable()
line.pend()
for _ in range(2):
    pass
assert order == ["handler", "scheduled"], order
