"""What `corten build` calls in place of a lock in ordinary code: the caller keeps the mask as it was found.

    found = mask()                  limit = limit_to(level)         # once
    try:                            found = limit()
        …                           try:
    finally:                            …
        restore(found)              finally:
                                        unlimit(found)

Where the runtime is one that `corten.interpreter` knows, these are functions as the runtime's own C functions are:
calling one costs less than calling an inline-assembler function.

Callers: the main context and interrupt handlers; they allocate nothing. `limit_to`, the main context; it allocates.
"""

from array import array

import machine
import micropython
import uctypes

from corten import ceiling, critical
from corten.interpreter import UnknownRuntime, code_of, number_at, object_at
from corten.native import native

# Their arguments and results are objects; of a small integer the value is in the bits above the lowest, which is 1.


@micropython.asm_thumb
def _mask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
    cpsid(0)
    add(r0, r0, r0)
    add(r0, 1)


@micropython.asm_thumb
def _restore(r0):
    asr(r0, r0, 1)
    data(2, 0xF380, 0x8810)  # msr PRIMASK, r0
    data(2, 0xF3BF, 0x8F6F)  # isb: DAI 0321A, "Enabling interrupts using CPS and MSR instructions"
    mov(r0, 1)


@micropython.asm_thumb
def _limit():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)  # what BASEPRI is to be
    label(BODY)
    mov(r1, pc)
    sub(r1, 4 + 4)
    ldr(r1, [r1, 0])
    data(2, 0xF3EF, 0x8011)  # mrs r0, BASEPRI
    data(2, 0xF381, 0x8812)  # msr BASEPRI_MAX, r1: it masks more or nothing changes, DDI 0403E, B5.2.3
    add(r0, r0, r0)
    add(r0, 1)
    label(END)


@micropython.asm_thumb
def _unlimit(r0):
    asr(r0, r0, 1)
    data(2, 0xF380, 0x8811)  # msr BASEPRI, r0
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 1)


_used: list = []  # code and objects of functions live for ever
_limits: dict = {}


def _builtin(code, like, uses):
    # A function of the runtime's own is two words: its type, here that of `like`, and the address of its code.
    words = array("I", [number_at(id(like), 4), code | 1])
    _used.append((words, uses))
    return object_at(uctypes.addressof(words))


def limit_to(level):
    """Return the function that masks up to a priority, given as what BASEPRI holds for it: always the same one.

    It returns BASEPRI as found, for `unlimit`, and never masks less than before.
    """
    made = _limits.get(level)
    if made is None:
        made = _limits[level] = _make_limit(level)
    return made


def _make_limit(level):
    try:
        handler = native(_limit, level)
        return _builtin(handler.address, machine.disable_irq, handler)
    except UnknownRuntime:
        return lambda: ceiling._raise_basepri(level)


try:
    mask = _builtin(code_of(_mask), machine.disable_irq, _mask)
    restore = _builtin(code_of(_restore), machine.enable_irq, _restore)
    unlimit = _builtin(code_of(_unlimit), machine.enable_irq, _unlimit)
except UnknownRuntime:
    mask, restore, unlimit = critical._mask, critical._restore, ceiling._restore_basepri
