"""Values that contexts of several priorities share, each behind a lock that masks just those that share it.

    count = Shared(0, ceiling=2)
    with count.lock() as c:
        c.value += 1

The lock is RTIC's (the immediate ceiling priority protocol): while it is held, nothing runs that is as urgent as the
ceiling or less, so it never waits, and no deadlock is possible on one core. The ceiling is the priority of the most
urgent task that uses the value: an `App` finds it from what its tasks declare, elsewhere it is given. Without either
it is board.PRIORITIES, which masks everything.

What is checked when it runs: the value is read and written by the holder of the lock only (NotLocked), which is no
more urgent than the ceiling (CeilingError), has not locked it already (AlreadyLocked), and gives back the innermost
lock first and only once (LockOrder). `corten build` knows these things beforehand, and leaves the masking.

In the main context errors name the value; in a handler, where they cannot be made, they are objects made beforehand.

Callers: the main context and hard handlers. Locking allocates nothing; making one allocates. A `SharedWord` is a
machine word of 32 bits, which @hot code can use as well; its values of 2**30 or more are heap integers in other code.
"""

from array import array

import micropython

import board
from corten import context
from corten.ceiling import ceiling as section

_NOBODY = -1
_SMALL = (1 << 30) - 1  # up to it, and from 0 on, an integer needs no heap


class NotLocked(Exception):
    """The value was touched without its lock."""


class AlreadyLocked(Exception):
    """The lock is held here already."""


class LockOrder(Exception):
    """The lock is not the innermost one that is held here."""


class CeilingError(Exception):
    """A context that is more urgent than the ceiling cannot use the value: the lock would not keep others from it."""


# Made beforehand: where the heap is locked, an exception of our own cannot be made.
_NOT_LOCKED = NotLocked("used without its lock: use it inside `with … .lock()`")
_ALREADY_LOCKED = AlreadyLocked("its lock is held here already")
_LOCK_ORDER = LockOrder("it is not the innermost lock that is held here")
_TOO_URGENT = CeilingError("what runs is more urgent than its ceiling")


def _refuse(error, name):
    if context.exception() != context.MAIN:
        raise error
    raise type(error)("%s: %s" % (name, error.args[0]))


_innermost: list = [None]  # of the locks that are held; an interrupt leaves it as found


class Shared:
    """A value behind a lock. value: any object. ceiling: a priority, 0 to board.PRIORITIES. name: for errors and
    traces.

    Raises ValueError for another ceiling.
    """

    def __init__(self, value, ceiling=None, name="a shared value"):
        self.name = name
        self._cell = [value]  # lowered code stores faster here than in an attribute of a class that has properties
        self._is_given = ceiling is not None
        self._holder = _NOBODY
        self._outer = None
        self._set(board.PRIORITIES if ceiling is None else ceiling)

    def _set(self, ceiling):
        self._section = section(ceiling)
        self._level = ceiling

    @property
    def ceiling(self):
        """The priority up to which its lock masks."""
        return self._level

    def used_by(self, priorities):
        """Take the ceiling from the priorities of all tasks that use it. For `App`, before the tasks run.

        Raises CeilingError if one is more urgent than the ceiling that was given.
        """
        most = max(priorities)
        if self._is_given and most > self._level:
            raise CeilingError("%s has ceiling %d, and a task of priority %d uses it" % (self.name, self._level, most))
        if not self._is_given:
            self._set(most)

    def lock(self):
        """Return what `with` locks: itself."""
        return self

    # Native code, unlike bytecode, is not left for a Ctrl-C between masking and the lock's own state.
    @micropython.native
    def __enter__(self):
        self._section.__enter__()
        running = context.priority()
        if running > self._level:
            self._section.__exit__(None, None, None)
            _refuse(_TOO_URGENT, self.name)
        if self._holder != _NOBODY:
            self._section.__exit__(None, None, None)
            _refuse(_ALREADY_LOCKED, self.name)
        self._holder = context.exception()
        self._outer = _innermost[0]
        _innermost[0] = self
        return self

    @micropython.native
    def __exit__(self, kind, value, traceback):
        if self._holder != context.exception() or _innermost[0] is not self:
            _refuse(_LOCK_ORDER, self.name)
        _innermost[0] = self._outer
        self._outer = None
        self._holder = _NOBODY
        self._section.__exit__(None, None, None)

    def _check(self):
        if self._holder != context.exception():
            _refuse(_NOT_LOCKED, self.name)

    @property
    def value(self):
        """The value. For the holder of the lock; raises NotLocked."""
        self._check()
        return self._cell[0]

    @value.setter
    def value(self, value):
        self._check()
        self._cell[0] = value


class SharedWord(Shared):
    """A word of 32 bits behind a lock, stored modulo 2**32."""

    def __init__(self, value, ceiling=None, name="a shared word"):
        self._words = array("I", [value & 0xFFFF_FFFF])
        super().__init__(None, ceiling, name)

    @property
    def value(self):
        """The word. For the holder of the lock; raises NotLocked."""
        self._check()
        return self._words[0]

    @value.setter
    def value(self, value):
        self._check()
        self._words[0] = value if 0 <= value <= _SMALL else value & 0xFFFF_FFFF
