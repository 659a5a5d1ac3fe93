"""Interrupts: a vector table in RAM, the NVIC, and native handlers.

    handler = native(template, first_word, second_word)
    line = Interrupt(number)
    line.bind(handler)
    line.enable()

The first `bind` copies the vector table in use to RAM and points VTOR at the copy, so the port's own interrupts go on
working; the last `unbind` puts VTOR back. A bound handler stays reachable until it is unbound, whatever the program
drops. On this project's port a soft reset disables all lines and puts VTOR back; on another, unbind before one.

A native handler is a template in Thumb assembly, copied to RAM with its own parameter words:

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

It may use r0 to r7, must be position-independent, and runs with the heap untouched: it cannot allocate or raise.

Callers: the main context. All calls but the properties' allocate. Sections are those of DDI 0403E, the ARMv7-M ARM.
"""

import builtins
from array import array

import micropython
import uctypes

from corten.critical import critical
from corten.register import RO, RW, Block, Field, Reg

_SCB = 0xE000ED00  # B3.2.2
_NVIC = 0xE000E100  # B3.4.3

_EXCEPTIONS = 16  # vectors ahead of the external lines: B1.5.2
_SMALLEST_TABLE = 256  # bytes of alignment that every Cortex-M's VTOR can express: B3.2.5, and DDI 0419E B3.2.5

# What the inline assembler wraps around a template: push {r1, r4-r7, lr} and pop {r1, r4-r7, pc}.
_PROLOGUE = 0xB5F2
_EPILOGUE = 0xBDF2
_FUNCTION_ARGUMENTS = 4  # offsets in the runtime's function object
_FUNCTION_CODE = 8


class AlreadyBound(Exception):
    """The line has a handler; unbind it first."""


class UnknownRuntime(Exception):
    """The runtime's objects or machine code are not laid out as this module knows them, or the chip has no VTOR."""


class _Scb(Block):
    VTOR = Reg(0x08, RW)


class _Lines(Block):
    # One bit for each of 32 lines; reading ISER and ISPR gives the state, B3.4.3 ff.
    ISER = Reg(0x000, RW)
    ICER = Reg(0x080, RW)
    ISPR = Reg(0x100, RW)
    ICPR = Reg(0x180, RW)
    IABR = Reg(0x200, RO)


class _Priority(Block):
    IPR = Reg(0x300, RW, width=8, PRI=Field(0, 8))


@micropython.asm_thumb
def _barrier():
    # DSB: the stores before it have taken effect. ISB: what follows is fetched anew (A3.7.3; DAI 0321A, "Vector table
    # configuration" and "Self-modifying code").
    data(2, 0xF3BF, 0x8F4F)
    data(2, 0xF3BF, 0x8F6F)


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


def _function_word(function, offset):
    return uctypes.struct(id(function) + offset, {"word": uctypes.UINT32}).word


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

    Words that are not given are 0. uses: what must stay alive with it, for example a buffer. Raises ValueError if there are more than the template holds or one does not fit
    into 32 bits, TypeError if the template is not a template, UnknownRuntime if its code cannot be found. Allocates.
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
    _barrier()
    return handler


def _instantiate(template):
    if type(template) is not type(_barrier) or _function_word(template, _FUNCTION_ARGUMENTS) != 0:
        raise TypeError("a template is an asm_thumb function without arguments")
    start = _function_word(template, _FUNCTION_CODE)
    head = uctypes.struct(start, (uctypes.ARRAY | 0, uctypes.UINT16 | 3))
    if head[0] != _PROLOGUE:
        raise UnknownRuntime("the template's code is not where this module looks for it")
    body = _target(head[1], 2)
    end = _target(head[2], 4)
    if body is None or end is None or body < 8 or body % 4 or body > 8 + 31 * 4 or end < body:
        raise TypeError("a template starts with b(BODY), b(END), align(4) and its parameter words")
    size = end + 2
    if uctypes.bytes_at(start + end, 2) != _EPILOGUE.to_bytes(2, "little"):
        raise TypeError("a template ends with label(END)")
    code = array("I", bytes((size + 3) // 4 * 4))
    uctypes.bytearray_at(uctypes.addressof(code), size)[:] = uctypes.bytearray_at(start, size)
    return Native(code, 2, (body - 8) // 4)


def _target(halfword, offset):
    # Where a narrow branch at `offset` goes, forward only: encoding T2, A7.7.12.
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
    _barrier()
    _call(probe.address)
    if probe.words[1] != 0x40001234:
        raise UnknownRuntime("a copied handler does not run as it should")
    _runtime_is_known = True


class _Vectors:
    # The table in RAM, from the first bind to the last unbind.
    def __init__(self):
        import board

        self.handlers = {}
        count = _EXCEPTIONS + board.IRQ_COUNT
        size = _SMALLEST_TABLE
        while size < 4 * count:
            size *= 2
        self._table = array("I", bytes(4 * count + size - 4))
        address = uctypes.addressof(self._table)
        self._first = -address % size // 4
        self._found = _vtor().read()
        self._port = array("I", uctypes.bytearray_at(self._found, 4 * count))
        self._table[self._first : self._first + count] = self._port
        self._point_at(address + 4 * self._first)

    def _point_at(self, address):
        vtor = _vtor()
        with critical:
            before = vtor.read()
            _barrier()
            vtor.write(address)
            _barrier()
            taken = vtor.read() == address
            if not taken:
                vtor.write(before)
                _barrier()
        if not taken:
            raise UnknownRuntime("this chip's vector table cannot be moved: VTOR does not hold what was written")

    def bind(self, number, handler):
        if number in self.handlers:
            raise AlreadyBound("interrupt %d has a handler; unbind it first" % number)
        self.handlers[number] = handler
        self._table[self._first + _EXCEPTIONS + number] = handler.address
        _barrier()

    def unbind(self, number):
        self._table[self._first + _EXCEPTIONS + number] = self._port[_EXCEPTIONS + number]
        _barrier()
        self.handlers.pop(number, None)

    def give_back(self):
        self._point_at(self._found)


def _vtor():
    return _Scb(_SCB).VTOR


# The table is a builtin name, which the garbage collector always reaches: it and the handlers live on when `corten` is
# removed from sys.modules, and a second import finds them. MicroPython reads what is stored in `builtins` by name only.
def _installed():
    try:
        return _corten_vectors  # type: ignore[name-defined]  # noqa: F821
    except NameError:
        return None


def _keep(vectors):
    builtins._corten_vectors = vectors


class Interrupt:
    """One external interrupt line of the NVIC. Making one touches nothing; two for the same line are the same line.

    number: of the line, 0 to board.IRQ_COUNT - 1. Raises ValueError outside of it.
    """

    def __init__(self, number):
        import board

        if not 0 <= number < board.IRQ_COUNT:
            raise ValueError("interrupt %d: this chip has lines 0 to %d" % (number, board.IRQ_COUNT - 1))
        self.number = number
        self._lines = _Lines(_NVIC + number // 32 * 4)
        self._bit = 1 << number % 32
        self._ipr = _Priority(_NVIC + number).IPR
        self._shift = 8 - board.PRIORITY_BITS

    def bind(self, handler):
        """Make `handler`, a `Native`, run when the line interrupts; the line is not enabled by that.

        Raises AlreadyBound, TypeError for another kind of handler, UnknownRuntime where there can be no table in RAM.
        """
        if not isinstance(handler, Native):
            raise TypeError("a handler is made by native(), not %r" % (handler,))
        vectors = _installed()
        if vectors is None:
            vectors = _Vectors()
            _keep(vectors)
        vectors.bind(self.number, handler)

    def unbind(self):
        """Disable the line, forget what is pending, and give the vector back to the port. Harmless if nothing is bound."""
        self.disable()
        self.unpend()
        vectors = _installed()
        if vectors is None:
            return
        vectors.unbind(self.number)
        if not vectors.handlers:
            vectors.give_back()
            _keep(None)

    def enable(self):
        """Let the line interrupt. One that is pending runs before this returns, if nothing masks it."""
        self._lines.ISER.write(self._bit)
        _barrier()

    def disable(self):
        """Keep the line from interrupting; afterwards its handler does not start."""
        self._lines.ICER.write(self._bit)
        _barrier()

    @property
    def enabled(self):
        """Whether the line may interrupt."""
        return bool(self._lines.ISER.read() & self._bit)

    @property
    def priority(self):
        """0, the most urgent, to 2**PRIORITY_BITS - 1. Setting raises ValueError outside of it."""
        return self._ipr.read() >> self._shift

    @priority.setter
    def priority(self, value):
        if not 0 <= value < 1 << (8 - self._shift):
            raise ValueError("priority %r: this chip has 0 to %d" % (value, (1 << (8 - self._shift)) - 1))
        self._ipr.write(value << self._shift)
        _barrier()

    def pend(self):
        """Make the line pending, as its peripheral would. If enabled, it runs before this returns, unless masked."""
        self._lines.ISPR.write(self._bit)
        _barrier()

    def unpend(self):
        """Forget that the line is pending. A peripheral that goes on asking makes it pending again."""
        self._lines.ICPR.write(self._bit)
        _barrier()

    @property
    def pending(self):
        """Whether the line waits to run."""
        return bool(self._lines.ISPR.read() & self._bit)

    @property
    def active(self):
        """Whether its handler has started and not ended."""
        return bool(self._lines.IABR.read() & self._bit)
