"""What runs at a soft reset of a port without `sys.atexit`, before its heap is given away.

A soft reset runs the finalisers of all objects that have one, and frees the heap after that (py/gc.c, gc_sweep_all).
MicroPython gives finalisers to types of its own only, so an object of ours takes the place of one of those. The heap is
locked while finalisers run, and unlocked here: nothing of it is free yet. Nothing may become free either, since the
collector has read ahead which objects have finalisers; so nothing is collected meanwhile.

The port has put back its own things by then; `corten.shared_vector` is there for what had to come before that.

Callers: the main context; allocates, some 4 kB that stay.
"""

import builtins
import gc
import os
import sys

import machine
import uctypes

from corten.interpreter import UnknownRuntime, heap_lock_depth

_INSTANCE_BYTES = 16  # of an object without attributes, one block of the heap
_RESERVE_WORDS = 1024  # for what runs, in a heap that is full
# Of objects that may have a finaliser.
_MAKERS: tuple = (getattr(machine, "Timer", None), getattr(os, "ilistdir", None))


class _AtSoftReset:
    depth: bytearray  # of the heap's lock
    functions: list
    reserve: list

    def __del__(self):
        locked = self.depth[0]
        self.depth[0] = 0
        collects = gc.isenabled()
        gc.disable()
        self.reserve.clear()  # which frees its words at once
        for function in reversed(self.functions):
            try:
                function()
            except BaseException as error:  # noqa: BLE001 - whatever it is, the others run too
                sys.print_exception(error)
        if collects:
            gc.enable()
        self.depth[0] = locked


def at_soft_reset(function):
    """Have `function()` called at the soft reset, once however often it is given, the last one given first.

    It may allocate and print, and must not call the collector. Raises UnknownRuntime where no object with a finaliser
    can be had.
    """
    try:
        made = _corten_at_soft_reset  # type: ignore[name-defined]  # put there below
    except NameError:
        made = builtins._corten_at_soft_reset = _make()  # type: ignore[attr-defined]  # the collector always reaches it
    if function not in made.functions:
        made.functions.append(function)


def _make():
    depth = heap_lock_depth()
    made = _with_finaliser()
    uctypes.bytearray_at(id(made), _INSTANCE_BYTES)[:] = uctypes.bytes_at(id(_AtSoftReset()), _INSTANCE_BYTES)
    made.depth = depth
    made.functions = []
    made.reserve = [None] * _RESERVE_WORDS
    return made


def _with_finaliser():
    for make in _MAKERS:
        try:
            made = make()
        except (TypeError, ValueError, OSError):
            continue
        if hasattr(made, "__del__"):
            return made
    raise UnknownRuntime("this MicroPython has no object with a finaliser to use")
