"""Interrupts: a vector table in RAM, and the lines of the NVIC.

    line = Interrupt(number)
    line.priority = 2
    line.bind(hard(function))       or native(…), or soft(…): see corten.hard, corten.native, corten.soft
    line.enable()

The first `bind` copies the vector table in use to RAM and points VTOR at the copy, unless it is in RAM already; the
port's own interrupts go on working. The last `unbind` puts VTOR back, and so does a soft reset, which disables the
bound lines as well. A bound handler stays reachable until it is unbound, whatever the program drops.

Priorities count as in RTIC: 0 is the main context, 1 the least urgent interrupt, board.PRIORITIES the most urgent one,
which is the NVIC's 0 and what a line has after reset.

Callers: the main context; all calls may allocate. `pend` and `unpend` also serve handlers, and do not allocate.
Sections are those of DDI 0403E, the ARMv7-M ARM.
"""

import sys

import micropython

import board
from corten import context
from corten.native import barrier
from corten.nvic import NVIC, Lines, Priorities, Priority
from corten.vectors import Vectors, installed, keep


class AlreadyBound(Exception):
    """The line has a handler; unbind it first."""


@micropython.asm_thumb
def _pend(r0, r1):
    # r0: a quarter of the address of ISPR, so that it is a small integer; r1: bit
    lsl(r0, r0, 2)
    mov(r2, 1)
    data(2, 0x408A)  # lsls r2, r1
    str(r2, [r0, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 0)


def _number(line):
    if isinstance(line, int):
        return line
    if isinstance(line, str):
        if line not in board.INTERRUPTS:
            raise ValueError("there is no interrupt %r; there are %s" % (line, ", ".join(sorted(board.INTERRUPTS))))
        return board.INTERRUPTS[line]
    if len(line.irq) != 1:
        raise ValueError("%s has interrupts %s: name one of them" % (line.name, ", ".join(sorted(line.irq))))
    return next(iter(line.irq.values()))


class Interrupt:
    """One external interrupt line of the NVIC. Making one touches nothing; two for the same line are the same line.

    number: of the line, 0 to board.IRQ_COUNT - 1, a name of board.INTERRUPTS, or a `Peripheral` that has one
    interrupt. Raises ValueError for another one.
    """

    def __init__(self, number):
        number = _number(number)
        if not 0 <= number < board.IRQ_COUNT:
            raise ValueError("interrupt %d: this chip has lines 0 to %d" % (number, board.IRQ_COUNT - 1))
        self.number = number
        group = NVIC + number // 32 * 4
        self._lines = Lines(group)
        self._bit = 1 << number % 32
        self._pend = self._lines.ISPR.address >> 2
        self._index = number % 32
        self._priority = Priority(NVIC + number)
        self._four = Priorities(NVIC + number // 4 * 4)

    def bind(self, handler):
        """Make `handler` run when the line interrupts; the line is not enabled by that.

        handler: made by `native`, `hard` or `soft`. Raises AlreadyBound, TypeError for another kind of handler,
        UnknownRuntime where there can be no table in RAM.
        """
        if getattr(handler, "KIND", None) is None:
            raise TypeError("a handler is made by native(), hard() or soft(), not %r" % (handler,))
        table = installed()
        owner = table and table.handlers.get(self.number)
        if owner:
            raise AlreadyBound("interrupt %d has a handler, %s; unbind it first" % (self.number, owner.name))
        is_helped = helps_soft_reset()
        if table is None:
            table = Vectors()
            keep(table)
        is_soft = handler.KIND == "soft"
        is_elsewhere = handler.KIND != "native" and handler in table.handlers.values()
        if is_elsewhere or (is_soft and handler.is_installed()):
            raise AlreadyBound("%s is bound to another interrupt; make a second handler of it" % handler.name)
        if is_helped:
            _bound[self.number] = self
        table.bind(self.number, handler)
        if is_soft:
            handler.installed()

    def unbind(self):
        """Disable the line, forget what is pending, give the vector back to the port. Harmless if nothing is bound."""
        self.disable()
        self.unpend()
        _bound.pop(self.number, None)
        table = installed()
        if table is None:
            return
        handler = table.unbind(self.number)
        if handler and handler.KIND == "soft":
            handler.removed()
        if not table.handlers:
            table.give_back()
            keep(None)

    @property
    def handler(self):
        """What is bound, or None."""
        table = installed()
        return table and table.handlers.get(self.number)

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
        """1, the least urgent, to board.PRIORITIES. Setting raises ValueError outside of it."""
        found = self._priority.IPR.read() if board.BASEPRI else self._read_four() >> 8 * (self.number % 4)
        return board.PRIORITIES - ((found & 0xFF) >> 8 - board.PRIORITY_BITS)

    @priority.setter
    def priority(self, value):
        if not 1 <= value <= board.PRIORITIES:
            raise ValueError("priority %r: this chip has 1 to %d" % (value, board.PRIORITIES))
        if helps_soft_reset():
            _priorities.setdefault(self.number // 4, (self._four.IPR, self._read_four()))
        level = context.level(value)
        if board.BASEPRI:
            self._priority.IPR.write(level)
        else:
            shift = 8 * (self.number % 4)
            found = self._read_four()
            self._four.IPR.write(found & ~(0xFF << shift) | level << shift)
            from corten import ceiling

            ceiling.refresh()
        barrier()

    def _read_four(self):
        # The bytes of its own and of the lines around it, from a multiple of four on.
        return self._four.IPR.read()

    def pend(self):
        """Make the line pending, as its peripheral would. If enabled, it runs before this returns, unless masked.

        For any context. Allocates nothing.
        """
        _pend(self._pend, self._index)

    def pend_store(self):
        """Return the address and the word of the store that pends the line, for machine code."""
        return self._lines.ISPR.address, self._bit

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
        """Whether its handler has started and not ended; None on Armv6-M, which does not tell."""
        return bool(self._lines.IABR.read() & self._bit) if board.BASEPRI else None


_bound: dict = {}  # number -> line, of those that are bound
_priorities: dict = {}  # a quarter of a line's number -> the register of four priorities, what was found in it


def helps_soft_reset():
    """Have a soft reset give all lines back, on a port that does not; return whether it is one. Raises UnknownRuntime.

    This project's port puts the NVIC and VTOR back itself. Others have no sys.atexit.
    """
    if hasattr(sys, "atexit"):
        return False
    from corten.finaliser import at_soft_reset

    at_soft_reset(_put_back)
    return True


def _put_back():
    # With next to no memory.
    while _bound:
        _bound[next(iter(_bound))].unbind()
    table = installed()
    if table:
        Vectors.give_back(table)
    for four, found in _priorities.values():
        four.write(found)


def lines_up_to(priority):
    """Return those of lines 0 to 31 whose priority is `priority` or less urgent, as a mask of bits."""
    level, lines = context.level(priority), min(32, board.IRQ_COUNT)
    mask = 0
    for first in range(0, lines, 4):
        four = Interrupt(first)._read_four()
        for number in range(first, min(first + 4, lines)):
            if four >> 8 * (number - first) & 0xFF >= level:
                mask |= 1 << number
    return mask


def owners():
    """Return what is bound: a list of (line, its name, kind, handler's name, priority, enabled, pending, active,
    errors).

    errors: exceptions that the handler raised; None for assembly, which cannot.
    """
    table = installed()
    names = {line: name for name, line in board.INTERRUPTS.items()}
    found = []
    for number, handler in sorted(table.handlers.items()) if table else ():
        line = Interrupt(number)
        state = (line.priority, line.enabled, line.pending, line.active)
        errors = getattr(handler, "errors", None)
        found.append((number, names.get(number, ""), handler.KIND, handler.name) + state + (errors,))
    return found


def report():
    """Print a table of who owns which vector."""
    row = "%-4s %-12s %-6s %-20s %8s %-7s %-7s %-6s %s"
    print(row % ("line", "interrupt", "kind", "handler", "priority", "enabled", "pending", "active", "errors"))
    for each in owners():
        print(row % tuple("-" if value is None else str(value) for value in each))
