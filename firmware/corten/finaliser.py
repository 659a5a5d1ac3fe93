"""What runs at a soft reset of a port without `sys.atexit`, before its heap is given away.

A soft reset runs the finalisers of all objects that have one, and frees the heap after that (py/gc.c, gc_sweep_all).
MicroPython gives finalisers to types of its own only, so an object of ours takes the place of one of theirs. The heap
is locked while finalisers run, and unlocked here: nothing of it is free yet.

The port has put back its own things by then; `corten.shared_vector` is there for what had to come before that.

Callers: the main context; allocates, some 1.5 kB that stay.
"""

import builtins
import gc
import os
import sys

import machine
import uctypes

from corten.interpreter import UnknownRuntime, heap_lock_depth

_INSTANCE_BYTES = 16  # of an object without attributes, one block of the heap
_GROUP_BYTES = 128  # eight blocks, of which the collector reads at once which ones have finalisers
_RESERVE_BYTES = 1024  # free for what runs, in a heap that is full
_MAKERS = (getattr(machine, "Timer", None), lambda: os.ilistdir("/"))  # of objects that may have a finaliser


class _AtSoftReset:
    def __del__(self):
        locked = self.depth[0]
        self.depth[0] = 0
        self.reserve = None
        for function in reversed(self.functions):
            try:
                gc.collect()
                function()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the others run too
                sys.print_exception(error)
        self.depth[0] = locked


def at_soft_reset(function):
    """Have `function()` called at the soft reset, once however often it is given; in the order in which they came.

    It may allocate and print. Raises UnknownRuntime where no object with a finaliser can be had.
    """
    try:
        made = _corten_at_soft_reset  # type: ignore[name-defined]  # put there below
    except NameError:
        made = builtins._corten_at_soft_reset = _make()  # type: ignore[attr-defined]  # the collector always reaches it
    if function not in made.functions:
        made.functions.append(function)


def _make():
    depth = heap_lock_depth()
    neighbours = _with_finalisers()
    made = neighbours[0]
    uctypes.bytearray_at(id(made), _INSTANCE_BYTES)[:] = uctypes.bytes_at(id(_AtSoftReset()), _INSTANCE_BYTES)
    made.depth = depth
    made.functions = []
    made.neighbours = neighbours
    made.reserve = bytearray(_RESERVE_BYTES)
    return made


def _with_finalisers():
    for make in _MAKERS:
        try:
            made = sorted([make() for _ in range(32)], key=id)
        except (AttributeError, TypeError, ValueError, OSError):
            continue
        found = _side_by_side(made) if hasattr(made[0], "__del__") else None
        if found:
            return found
    raise UnknownRuntime("this MicroPython has no object with a finaliser, or none that can be used")


def _side_by_side(made):
    # Of a group, what lies behind ours has to stay what it is: the collector has read already that it has a finaliser.
    places = [id(each) for each in made]
    size = min([places[index + 1] - places[index] for index in range(len(places) - 1)])
    count = _GROUP_BYTES // size + 1
    for first in range(len(made) - count + 1):
        if places[first + count - 1] - places[first] == (count - 1) * size:
            return made[first : first + count]
    return None
