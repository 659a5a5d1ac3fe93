"""A shared value is reached by the holder of its lock only, locked once, and unlocked in order and once."""

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.shared import AlreadyLocked, CeilingError, LockOrder, NotLocked, Shared, SharedWord


def refused(kind, action, *arguments):
    try:
        action(*arguments)
    except kind as error:
        assert value.name in str(error) or word.name in str(error), error
        return
    raise AssertionError("%r was not raised" % kind)


value, word = Shared([1], ceiling=3, name="the list"), SharedWord(1 << 32 | 5, ceiling=2, name="the word")
refused(NotLocked, lambda: value.value)
refused(NotLocked, setattr, word, "value", 1)
with value.lock() as v, word.lock() as w:
    v.value = [2]
    w.value -= 6
    assert w.value == 0xFFFF_FFFF
    refused(AlreadyLocked, value.lock().__enter__)
    refused(LockOrder, value.__exit__, None, None, None)
    assert v.value == [2]
refused(NotLocked, lambda: v.value)
refused(LockOrder, value.__exit__, None, None, None)
try:
    with value.lock():
        raise KeyError
except KeyError:
    refused(NotLocked, lambda: value.value)

line = Interrupt(board.IRQ_COUNT - 1)
seen = [None]


def lock_it():
    with value.lock() as v:
        seen[0] = v.value


def touch_it():
    seen[0] = value.value


for function, priority, kind in ((lock_it, 3, None), (lock_it, 4, CeilingError), (touch_it, 4, NotLocked)):
    seen[0] = None
    handler = hard(function)
    line.priority = priority
    line.bind(handler)
    line.enable()
    with value.lock():
        line.pend()
        assert line.pending == (priority == 3)
    assert handler.error_type is kind, (function, priority, handler.error_type)
    assert (seen[0] is None) == (kind is not None)
    line.unbind()
for wrong in (-1, board.PRIORITIES + 1):
    try:
        Shared(0, ceiling=wrong)
    except ValueError:
        pass
    else:
        raise AssertionError(wrong)
