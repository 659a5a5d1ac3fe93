"""The vector table in RAM, in which lines get handlers: the port's own where it is in RAM, else a copy of it.

Made by the first handler that is bound, given back with the last one. There is one, which `installed` returns. A port
whose table is in RAM, as pico-sdk's, goes on changing it: what it does meanwhile stays.

Callers: the main context, and all of it may allocate. Sections are those of DDI 0403E, the ARMv7-M ARM.
"""

import builtins
from array import array

import uctypes

import board
from corten.critical import critical
from corten.interpreter import UnknownRuntime, words_at
from corten.native import barrier
from corten.nvic import EXCEPTIONS, SCB, Scb
from corten.shared_vector import SRAM, SharedVector, is_shared

_SMALLEST_TABLE = 256  # bytes of alignment that every Cortex-M's VTOR can express: B3.2.5, and DDI 0419E B3.2.5


class Vectors:
    """The table, from the first bind to the last unbind. handlers: line -> handler, kept alive by it."""

    def __init__(self):
        self.handlers = {}
        self._before = {}  # line -> where it went before it was redirected
        self._shared = {}  # line -> `SharedVector`
        self._found = _vtor().read()
        self._count = EXCEPTIONS + board.IRQ_COUNT
        if self._found >> 29 == SRAM:
            self._table = words_at(self._found, self._count)
        else:
            self._copy()

    def _copy(self):
        size = _SMALLEST_TABLE
        while size < 4 * self._count:
            size *= 2
        self._memory = array("I", bytes(4 * self._count + size - 4))
        address = -(-uctypes.addressof(self._memory) // size) * size
        self._table = words_at(address, self._count)
        uctypes.bytearray_at(address, 4 * self._count)[:] = uctypes.bytearray_at(self._found, 4 * self._count)
        self._point_at(address)

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
        shared = self._shared_at(line)
        return shared.leads_to if shared else self._table[EXCEPTIONS + line]

    def _shared_at(self, line):
        entry = self._table[EXCEPTIONS + line]
        found = self._shared.get(line)
        if found and found.entry == entry:
            return found
        if line < 0 or not is_shared(entry):
            return None
        made = self._shared[line] = SharedVector(entry)
        return made

    def redirect(self, line, address):
        """Have the core jump to `address` for `line`, whoever owns it."""
        shared = self._shared.get(line) if line in self._before else self._shared_at(line)
        if self._before.setdefault(line, self.code(line)) == address:
            del self._before[line]
        if shared:
            shared.redirect(address)
        else:
            self._table[EXCEPTIONS + line] = address
            barrier()

    def bind(self, line, handler):
        """Give `line`, which is free, to `handler`."""
        self.handlers[line] = handler
        self.redirect(line, handler.address)

    def unbind(self, line):
        """Give `line` back to the port, and return its handler or None."""
        if line in self._before:
            self.redirect(line, self._before[line])
        return self.handlers.pop(line, None)

    def before(self, line):
        """Return the address that the core jumped to for `line` before it was bound."""
        return self._before.get(line) or self.code(line)

    def give_back(self):
        """Leave all lines as they were found, and VTOR."""
        for line in list(self._before):
            self.redirect(line, self._before[line])
        if _vtor().read() != self._found:
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
