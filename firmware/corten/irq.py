"""Interrupts: a vector table in RAM, and the lines of the NVIC.

    line = Interrupt(number)
    line.bind(native(template))
    line.enable()

The first `bind` copies the vector table in use to RAM and points VTOR at the copy, so the port's own interrupts go on
working; the last `unbind` puts VTOR back. A bound handler stays reachable until it is unbound, whatever the program
drops. On this project's port a soft reset disables all lines and puts VTOR back; on another, unbind before one.

Callers: the main context; all calls may allocate. Sections are those of DDI 0403E, the ARMv7-M ARM.
"""

import builtins
from array import array

import uctypes

from corten.critical import critical
from corten.native import Native, UnknownRuntime, barrier
from corten.register import RO, RW, Block, Field, Reg

_SCB = 0xE000ED00  # B3.2.2
_NVIC = 0xE000E100  # B3.4.3

_EXCEPTIONS = 16  # vectors ahead of the external lines: B1.5.2
_SMALLEST_TABLE = 256  # bytes of alignment that every Cortex-M's VTOR can express: B3.2.5, and DDI 0419E B3.2.5


class AlreadyBound(Exception):
    """The line has a handler; unbind it first."""


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
            barrier()
            vtor.write(address)
            barrier()
            taken = vtor.read() == address
            if not taken:
                vtor.write(before)
                barrier()
        if not taken:
            raise UnknownRuntime("this chip's vector table cannot be moved: VTOR does not hold what was written")

    def bind(self, number, handler):
        if number in self.handlers:
            raise AlreadyBound("interrupt %d has a handler; unbind it first" % number)
        self.handlers[number] = handler
        self._table[self._first + _EXCEPTIONS + number] = handler.address
        barrier()

    def unbind(self, number):
        self._table[self._first + _EXCEPTIONS + number] = self._port[_EXCEPTIONS + number]
        barrier()
        self.handlers.pop(number, None)

    def give_back(self):
        self._point_at(self._found)


def _vtor():
    return _Scb(_SCB).VTOR


# The table is a builtin name, which the garbage collector always reaches: it and the handlers live on when `corten` is
# removed from sys.modules, and a second import finds them. MicroPython reads what is stored in `builtins` by name only.
def _installed():
    try:
        return _corten_vectors  # type: ignore[name-defined]  # _keep put it there
    except NameError:
        return None


def _keep(vectors):
    builtins._corten_vectors = vectors  # type: ignore[attr-defined]


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
        """Disable the line, forget what is pending, give the vector back to the port. Harmless if nothing is bound."""
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
        barrier()

    def disable(self):
        """Keep the line from interrupting; afterwards its handler does not start."""
        self._lines.ICER.write(self._bit)
        barrier()

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
        barrier()

    def pend(self):
        """Make the line pending, as its peripheral would. If enabled, it runs before this returns, unless masked."""
        self._lines.ISPR.write(self._bit)
        barrier()

    def unpend(self):
        """Forget that the line is pending. A peripheral that goes on asking makes it pending again."""
        self._lines.ICPR.write(self._bit)
        barrier()

    @property
    def pending(self):
        """Whether the line waits to run."""
        return bool(self._lines.ISPR.read() & self._bit)

    @property
    def active(self):
        """Whether its handler has started and not ended."""
        return bool(self._lines.IABR.read() & self._bit)
