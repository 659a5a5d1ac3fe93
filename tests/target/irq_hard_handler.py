"""A hard handler runs Python in the exception; what it raises is counted and kept, and it stays bound."""

import gc

import micropython

import board
from corten import context
from corten.hard import hard
from corten.irq import Interrupt

line = Interrupt(board.IRQ_COUNT - 1)
seen = [0, 0]


def look():
    seen[0] = context.exception()
    seen[1] = context.priority()


handler = hard(look)
line.priority = 3
line.bind(handler)
line.enable()
line.pend()
assert seen == [16 + line.number, 3]
assert (handler.runs, handler.errors, handler.error_type, handler.last_error) == (1, 0, None, None)
line.unbind()


def allocate():
    seen[0] += 1
    bytearray(16)
    seen[0] = -1


seen[0] = 0
handler = hard(allocate)
line.bind(handler)
line.enable()
for _ in range(1000):
    line.pend()
assert seen[0] == 1000, "an allocation in a handler succeeded, or stopped it"
assert (handler.runs, handler.errors) == (1000, 1000)
assert handler.error_type is MemoryError and isinstance(handler.last_error, MemoryError)
bytearray(16)  # the heap is unlocked again
line.unbind()


class Own(Exception):
    pass


own = Own("text")


def fail():
    raise own


def deep(levels=0):
    deep(levels + 1)


for function, kind in ((fail, Own), (deep, RuntimeError), (lambda: seen[9], IndexError), (lambda: missing, NameError)):
    handler = hard(function)
    line.bind(handler)
    line.enable()
    line.pend()
    line.pend()
    gc.collect()
    assert (handler.runs, handler.errors, handler.error_type) == (2, 2, kind), (kind, handler.error_type)
    line.unbind()
micropython.heap_lock()
micropython.heap_unlock()
