# needs: clock
"""Recording allocates nothing: interrupts, handlers' calls, locks, shared values, tasks, and marks that are known."""

import micropython

import board
from corten import trace
from corten.ceiling import ceiling
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt
from corten.recorder import MARK
from corten.shared import Shared

word = Shared(0, ceiling=2)
section = ceiling(1)


def work():
    with word.lock() as w:
        w.value += 1
    trace.mark("known")
    trace.mark("met in a handler")


line = Interrupt(board.DISPATCHERS[0])
line.priority = 2
handler = hard(work)
line.bind(handler)
line.enable()
trace.start(256)
trace.mark("known")
micropython.heap_lock()
try:
    with critical:
        line.pend()
    with section:
        pass
    with word.lock() as w:
        w.value += 1
    trace.begin(3)
    trace.mark("known")
    trace.end(3)
finally:
    micropython.heap_unlock()
trace.stop()
with word.lock() as w:
    assert w.value == 2, w.value
assert handler.errors == 0 and handler.runs == 1, handler.last_error
marks = [event[2] for event in trace.read() if event[1] == MARK]
assert marks[:2] == [1, 1] and marks[-1] == 1 and len(marks) == 4, marks
