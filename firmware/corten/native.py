"""Native handlers: machine code that runs in an interrupt.

    handler = native(template, first_word, second_word)
    handler = native(viper_function)

The template is a function in Thumb assembly, copied to RAM, with parameter words of its own:

    @micropython.asm_thumb
    def template():
        b(BODY)
        b(END)              # never runs: it tells where the code ends
        align(4)
        data(4, 0, 0)       # the parameter words, up to 31
        label(BODY)
        mov(r0, pc)
        sub(r0, 4 + 4 * 2)  # r0 = address of word 0, for 2 words
        …
        label(END)

The code may use r0 to r7, must be position-independent, and cannot allocate or raise. One template serves many
handlers, and works where it is frozen in flash.

A viper function runs where it is: see `corten.viper`.

Callers: the main context; `native` and `resident` allocate.
"""

from array import array

import micropython
import uctypes

from corten.interpreter import (
    UnknownRuntime,
    arguments_of,
    code_of,
    is_assembly,
    number_at,
    redirect,
)

# What the inline assembler wraps around a template: push {r1, r4-r7, lr} and pop {r1, r4-r7, pc}.
_PROLOGUE = 0xB5F2
_EPILOGUE = 0xBDF2


@micropython.asm_thumb
def _barrier():
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 0)  # what was there could be too large for a small integer


def barrier():
    """Wait until the stores before it have taken effect (DSB), and fetch anew what follows (ISB). Allocates nothing.

    DDI 0403E, section A3.7.3; DAI 0321A, "Vector table configuration" and "Self-modifying code".
    """
    _barrier()


@micropython.asm_thumb
def call(r0):
    """Run the code at an address, its Thumb bit set, as a function without arguments; its result is an integer."""
    data(2, 0x4780)  # blx r0


@micropython.asm_thumb
def _self_test():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 2)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    add(r1, r1, r2)
    str(r1, [r0, 4])
    label(END)


@micropython.asm_thumb
def count():
    """A template whose handler counts its interrupts in word 0, modulo 2**32."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4)
    ldr(r1, [r0, 0])
    add(r1, 1)
    str(r1, [r0, 0])
    label(END)


class Native:
    """A native handler: a copy of a template in RAM. Made by `native`.

    words: its parameter words, a view of type code "I": live, each load and store of one word is indivisible.
    address: of the code, with the Thumb bit. uses: objects whose addresses are in its words; they live as long as it.
    """

    KIND = "native"
    name = "machine code"

    def __init__(self, code, first, count):
        self._code = code
        self.uses = None
        self.words = memoryview(code)[first : first + count]
        self.address = uctypes.addressof(code) | 1

    def word_address(self, index):
        """Return the address of parameter word `index`, for another handler's parameter."""
        return uctypes.addressof(self.words) + 4 * range(len(self.words))[index]


def native(template, *words, uses=None):
    """Return a handler with its own copy of the template's code and its parameter words set to `words`.

    template: or a viper function without arguments, which takes no words. Words that are not given are 0. uses: what
    must stay alive with it, for example a buffer. Raises ValueError if there are more words than the template holds or
    one does not fit into 32 bits, TypeError if the template is neither, UnknownRuntime if its code cannot be found.
    Allocates.
    """
    _check_runtime()
    if not is_assembly(template):
        if words or uses:
            raise TypeError("a viper function has no parameter words")
        from corten.viper import viper_handler

        return viper_handler(template)
    if arguments_of(template) != 0:
        raise TypeError("a template is an asm_thumb function without arguments")
    return filled(template, words, uses)


def resident(function, *words):
    """Make an asm_thumb function, written as a template, run from a copy of its code in RAM, with words of its own.

    Return the `Native` that holds the words. The function may take arguments; the copy lives as long as it does.
    Raises as `native`. Allocates.
    """
    _check_runtime()
    made = filled(function, words)
    redirect(function, made.address & ~1)
    barrier()
    return made


def filled(template, words, uses=None, kind=Native):
    """Return a `kind` of native handler, as `native` does for a template whose arguments do not matter. Allocates."""
    handler = _instantiate(template, kind)
    if len(words) > len(handler.words):
        raise ValueError("the template holds %d words, got %d" % (len(handler.words), len(words)))
    for index, word in enumerate(words):
        if not 0 <= word <= 0xFFFFFFFF:
            raise ValueError("word %d: %r does not fit into 32 bits" % (index, word))
        handler.words[index] = word
    handler.uses = uses
    barrier()
    return handler


def _instantiate(template, kind=Native):
    start = code_of(template)
    body = _target(start, 2)
    end = _target(start, 4)
    if body is None or end is None or body < 8 or body % 4 or body > 8 + 31 * 4 or end < body:
        raise TypeError("a template starts with b(BODY), b(END), align(4) and its parameter words")
    size = end + 2
    if number_at(start, 2) != _PROLOGUE or number_at(start + end, 2) != _EPILOGUE:
        raise TypeError("a template ends with label(END)")
    code = array("I", bytes((size + 3) // 4 * 4))
    uctypes.bytearray_at(uctypes.addressof(code), size)[:] = uctypes.bytearray_at(start, size)
    return kind(code, 2, (body - 8) // 4)


def _target(start, offset):
    # Where a narrow branch at `offset` goes, forward only: encoding T2, DDI 0403E, A7.7.12.
    halfword = number_at(start + offset, 2)
    if halfword & 0xFC00 != 0xE000:
        return None
    return offset + 4 + 2 * (halfword & 0x3FF)


_runtime_is_known = False


def _check_runtime():
    # Decides once whether code made here can be trusted, by one real call.
    global _runtime_is_known
    if _runtime_is_known:
        return
    probe = _instantiate(_self_test)
    probe.words[0] = 0x1234
    probe.words[1] = 0x40000000
    barrier()
    call(probe.address)
    if probe.words[1] != 0x40001234:
        raise UnknownRuntime("a copied handler does not run as it should")
    _runtime_is_known = True
