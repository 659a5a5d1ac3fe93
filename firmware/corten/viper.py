"""Viper functions as native handlers: they run in the exception, without arguments, where they are.

    @micropython.viper
    def capture():
        words = ptr32(0x2000_1000 >> 2 << 2)
        …
    line.bind(native(capture))

One that computes with integers and pointers only is jumped to, and can neither raise nor allocate. One that calls the
interpreter (for a global, an object, a check of types) is entered through a guard, which costs some 25 instructions:
what it raises ends this call and is counted. The heap is not locked, so such a function must not allocate; if it may,
it belongs into `corten.hard`.

Callers: the main context; making a handler allocates.
"""

import micropython

import board
from corten.interpreter import calls, code_of_viper, number_at, object_at
from corten.native import Native, filled

_ERRORS = 4
_ERROR_TYPE = 5


@micropython.asm_thumb
def _direct():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)  # function, its code
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 2)
    ldr(r0, [r4, 0])
    mov(r1, 0)
    mov(r2, 0)
    mov(r3, 0)
    ldr(r5, [r4, 4])
    data(2, 0x47A8)  # blx r5
    label(END)


@micropython.asm_thumb
def _guarded():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0)  # function, its code, nlr_push, nlr_pop, errors, type of the last error
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 6)
    data(2, 0xB0A0)  # sub sp, 128: an nlr_buf_t, of 72 bytes at most
    mov(r0, sp)
    ldr(r3, [r4, 8])
    data(2, 0x4798)  # blx r3: nlr_push returns a second time, with 1, when something is raised
    cmp(r0, 0)
    bne(RAISED)
    ldr(r0, [r4, 0])
    mov(r1, 0)
    mov(r2, 0)
    mov(r3, 0)
    ldr(r5, [r4, 4])
    data(2, 0x47A8)  # blx r5
    ldr(r3, [r4, 12])
    data(2, 0x4798)  # blx r3
    b(DONE)
    label(RAISED)
    ldr(r1, [r4, 16])
    add(r1, 1)
    str(r1, [r4, 16])
    data(2, 0x9901)  # ldr r1, [sp, 4]: the exception
    ldr(r1, [r1, 0])
    str(r1, [r4, 20])
    label(DONE)
    data(2, 0xB020)  # add sp, 128
    label(END)


class Viper(Native):
    """A viper function as a handler. Made by `native`."""

    name = "viper code"

    @property
    def errors(self):
        """Exceptions that the function raised; each ended one call, and no more. Modulo 2**32. 0 where it cannot."""
        return self.words[_ERRORS] if len(self.words) > _ERRORS else 0

    @property
    def error_type(self):
        """The type of the last exception, or None."""
        address = self.errors and self.words[_ERROR_TYPE]
        return object_at(address) if address else None


def viper_handler(function):
    """Return a handler for `function`. Raises TypeError if it is no viper function, or takes arguments. Allocates."""
    code = code_of_viper(function)
    _refuse_arguments(function)
    if board.BASEPRI and not _calls(code):
        return filled(_direct, (id(function), code | 1), function, Viper)
    _, push, pop = calls()
    return filled(_guarded, (id(function), code | 1, push, pop), function, Viper)


def _refuse_arguments(function):
    # Nine arguments are more than a viper function can take: it says how many it wants, and does not run.
    try:
        function(1, 2, 3, 4, 5, 6, 7, 8, 9)
    except TypeError as error:
        if "takes" not in str(error) or " 0 " in str(error):
            return
    raise TypeError("a viper function that handles an interrupt takes no arguments")


def _calls(code):
    # Whether it calls anything but the check of its arguments, with which each begins: BLX (register), DDI 0403E,
    # A7.7.19. ARMv7-M code has no constants between its instructions; ARMv6-M code may, so it is always guarded.
    at, found = code, 0
    while True:
        halfword = number_at(at, 2)
        if halfword & 0xFF00 == 0xBD00:  # pop {…, pc}, the end
            return found > 1
        if halfword & 0xFF87 == 0x4780:
            found += 1
        at += 4 if halfword >= 0xE800 else 2  # A5.1
