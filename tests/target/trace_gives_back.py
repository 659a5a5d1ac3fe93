# needs: clock
"""After a trace all vectors and locks run the code that they ran before, whatever was bound and unbound meanwhile."""

import board
from corten import trace, vectors
from corten.ceiling import ceiling
from corten.critical import critical
from corten.interpreter import code_of
from corten.irq import Interrupt
from corten.native import count, native
from corten.shared import Shared


def locks():
    found = [code_of(lock.__enter__) for lock in (critical, ceiling(1))]
    return found + [code_of(lock.__exit__) for lock in (critical, ceiling(1))] + [Shared.__enter__, Shared.__exit__]


def table():
    found = vectors.installed()
    return found and [found.code(line) for line in range(-16, board.IRQ_COUNT)]


first, second = Interrupt(board.DISPATCHERS[0]), Interrupt(board.DISPATCHERS[1])
before = locks()
assert vectors.installed() is None
for _ in range(3):
    trace.start(64)
    assert locks() != before
    trace.stop()
    trace.stop()
    assert locks() == before and vectors.installed() is None

counter, other = native(count), native(count)
first.bind(counter)
first.enable()
known = table()
for _ in range(2):
    trace.start(64)
    assert table() != known
    first.pend()
    second.bind(other)
    second.enable()
    second.pend()
    first.unbind()
    second.unbind()
    first.bind(counter)
    first.enable()
    first.pend()
    trace.stop()
    assert table() == known and locks() == before
    first.pend()
assert (counter.words[0], other.words[0]) == (6, 2)

# Unbound while it records, the table goes with the end.
trace.start(64)
first.unbind()
assert vectors.installed() is not None
second.bind(other)
second.enable()
second.pend()
second.unbind()
trace.stop()
assert vectors.installed() is None and other.words[0] == 3
contexts = {event[3] for event in trace.read()}
assert 16 + second.number in contexts
