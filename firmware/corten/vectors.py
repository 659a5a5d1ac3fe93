"""The vector table in RAM: a copy of the one in use, in which lines get handlers.

Made by the first handler that is bound, given back with the last one. There is one, which `installed` returns.

Callers: the main context. `Vectors` allocates, its methods do not, but for the dictionary's growth. Sections are those
of DDI 0403E, the ARMv7-M ARM.
"""

import builtins
from array import array

import uctypes

import board
from corten.critical import critical
from corten.interpreter import UnknownRuntime
from corten.native import barrier
from corten.nvic import EXCEPTIONS, SCB, Scb

_SMALLEST_TABLE = 256  # bytes of alignment that every Cortex-M's VTOR can express: B3.2.5, and DDI 0419E B3.2.5


class Vectors:
    """The table, from the first bind to the last unbind. handlers: line -> handler, kept alive by it."""

    def __init__(self):
        self.handlers = {}
        count = EXCEPTIONS + board.IRQ_COUNT
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

    def code(self, line):
        """Return the address that the core jumps to for `line`; those of the system's exceptions are -16 to -1."""
        return self._table[self._first + EXCEPTIONS + line]

    def redirect(self, line, address):
        """Have the core jump to `address` for `line`, whoever owns it."""
        self._table[self._first + EXCEPTIONS + line] = address
        barrier()

    def bind(self, line, handler):
        """Give `line`, which is free, to `handler`."""
        self.handlers[line] = handler
        self.redirect(line, handler.address)

    def unbind(self, line):
        """Give `line` back to the port, and return its handler or None."""
        self.redirect(line, self._port[EXCEPTIONS + line])
        return self.handlers.pop(line, None)

    def before(self, line):
        """Return the address that the core jumped to for `line` before it was bound."""
        return self._port[EXCEPTIONS + line]

    def give_back(self):
        """Point VTOR at the table that was found."""
        self._point_at(self._found)


def _vtor():
    return Scb(SCB).VTOR


# The table is a builtin name, which the garbage collector always reaches: it and the handlers live on when `corten` is
# removed from sys.modules, and a second import finds them. MicroPython reads what is stored in `builtins` by name only.
def installed():
    """Return the table in RAM, or None while nothing is bound."""
    try:
        return _corten_vectors  # type: ignore[name-defined]  # keep put it there
    except NameError:
        return None


def keep(vectors):
    """Make `vectors` what `installed` returns."""
    builtins._corten_vectors = vectors  # type: ignore[attr-defined]
