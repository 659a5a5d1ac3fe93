"""Native handlers: machine code that runs in an interrupt, copied from a template to RAM, with its own parameter words.

    handler = native(template, first_word, second_word)

The template is a function in Thumb assembly:

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

The offsets of the runtime's function object belong to a MicroPython version: they are checked at the first use.

Callers: the main context; `native` allocates.
"""

from array import array

import micropython
import uctypes

# What the inline assembler wraps around a template: push {r1, r4-r7, lr} and pop {r1, r4-r7, pc}.
_PROLOGUE = 0xB5F2
_EPILOGUE = 0xBDF2
_FUNCTION_ARGUMENTS = 4  # offsets in the runtime's function object
_FUNCTION_CODE = 8


class UnknownRuntime(Exception):
    """The runtime's objects or machine code are not laid out as this module knows them, or the chip has no VTOR."""


@micropython.asm_thumb
def _barrier():
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb


def barrier():
    """Wait until the stores before it have taken effect (DSB), and fetch anew what follows (ISB). Allocates nothing.

    DDI 0403E, section A3.7.3; DAI 0321A, "Vector table configuration" and "Self-modifying code".
    """
    _barrier()


@micropython.asm_thumb
def _three_arguments(r0, r1, r2):
    mov(r0, r2)


@micropython.asm_thumb
def _call(r0):
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


def _number_at(address, size):
    return int.from_bytes(uctypes.bytes_at(address, size), "little")


def _function_word(function, offset):
    return _number_at(id(function) + offset, 4)


class Native:
    """A native handler: a copy of a template in RAM. Made by `native`.

    words: its parameter words, a view of type code "I": live, each load and store of one word is indivisible.
    address: of the code, with the Thumb bit. uses: objects whose addresses are in its words; they live as long as it.
    """

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

    Words that are not given are 0. uses: what must stay alive with it, for example a buffer. Raises ValueError if there
    are more words than the template holds or one does not fit into 32 bits, TypeError if the template is not a
    template, UnknownRuntime if its code cannot be found. Allocates.
    """
    _check_runtime()
    handler = _instantiate(template)
    if len(words) > len(handler.words):
        raise ValueError("the template holds %d words, got %d" % (len(handler.words), len(words)))
    for index, word in enumerate(words):
        if not 0 <= word <= 0xFFFFFFFF:
            raise ValueError("word %d: %r does not fit into 32 bits" % (index, word))
        handler.words[index] = word
    handler.uses = uses
    barrier()
    return handler


def _instantiate(template):
    if type(template) is not type(_barrier) or _function_word(template, _FUNCTION_ARGUMENTS) != 0:
        raise TypeError("a template is an asm_thumb function without arguments")
    start = _function_word(template, _FUNCTION_CODE)
    if _number_at(start, 2) != _PROLOGUE:
        raise UnknownRuntime("the template's code is not where this module looks for it")
    body = _target(start, 2)
    end = _target(start, 4)
    if body is None or end is None or body < 8 or body % 4 or body > 8 + 31 * 4 or end < body:
        raise TypeError("a template starts with b(BODY), b(END), align(4) and its parameter words")
    size = end + 2
    if _number_at(start + end, 2) != _EPILOGUE:
        raise TypeError("a template ends with label(END)")
    code = array("I", bytes((size + 3) // 4 * 4))
    uctypes.bytearray_at(uctypes.addressof(code), size)[:] = uctypes.bytearray_at(start, size)
    return Native(code, 2, (body - 8) // 4)


def _target(start, offset):
    # Where a narrow branch at `offset` goes, forward only: encoding T2, DDI 0403E, A7.7.12.
    halfword = _number_at(start + offset, 2)
    if halfword & 0xFC00 != 0xE000:
        return None
    return offset + 4 + 2 * (halfword & 0x3FF)


_runtime_is_known = False


def _check_runtime():
    # Decides once whether code made here can be trusted: the function object's layout, then one real call.
    global _runtime_is_known
    if _runtime_is_known:
        return
    kind = _function_word(_barrier, 0)
    if _function_word(_three_arguments, 0) != kind or _function_word(_three_arguments, _FUNCTION_ARGUMENTS) != 3:
        raise UnknownRuntime("inline-assembler functions of this MicroPython are laid out in an unknown way")
    if _function_word(_three_arguments, _FUNCTION_CODE) % 2:
        raise UnknownRuntime("the code address of an inline-assembler function is odd")
    probe = _instantiate(_self_test)
    probe.words[0] = 0x1234
    probe.words[1] = 0x40000000
    barrier()
    _call(probe.address)
    if probe.words[1] != 0x40001234:
        raise UnknownRuntime("a copied handler does not run as it should")
    _runtime_is_known = True
