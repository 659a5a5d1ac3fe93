"""An exception raised with the heap locked keeps its type and its message in the emergency buffer."""

import micropython


def caught_with_heap_locked(action):
    caught = None
    micropython.heap_lock()
    try:
        action()
    except Exception as error:
        caught = error
    finally:
        micropython.heap_unlock()
    return caught


def missing():
    return table["missing"]


table = {}
micropython.alloc_emergency_exception_buf(200)
error = caught_with_heap_locked(missing)
assert type(error) is KeyError and error.args == ("missing",), error
assert type(caught_with_heap_locked(lambda: 1 // 0)) is ZeroDivisionError
assert type(caught_with_heap_locked(lambda: bytearray(1000))) is MemoryError
assert len(bytearray(1000)) == 1000
