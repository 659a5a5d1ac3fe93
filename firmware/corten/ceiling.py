"""Ceilings: only interrupts up to a priority are masked inside; more urgent ones still run.

    with ceiling(2):        priorities 1 and 2 wait
        …

By BASEPRI where the core has it (DDI 0403E, section B1.4.3); elsewhere, as on Cortex-M0+, by disabling the lines of
those priorities at the NVIC, as RTIC does it: then a line that is enabled or disabled inside is as before afterwards.

Priorities count as in `corten.irq`: 1 is the least urgent interrupt, board.PRIORITIES the most urgent one, which only
PRIMASK masks. BASEPRI masks the system's exceptions of those priorities as well, the NVIC only its lines.

Callers: the main context and interrupt handlers, of any priority; a handler that is more urgent than the ceiling masks
nothing. Sections nest to any depth, and different ones are left in the reverse order. Entering and leaving allocates
nothing. `ceiling` allocates when it is first asked for a priority.
"""

import micropython

import board
from corten.context import level
from corten.critical import critical
from corten.native import resident
from corten.nvic import ISER


@micropython.asm_thumb
def _raise_basepri(r0):
    data(2, 0xF3EF, 0x8111)  # mrs r1, BASEPRI
    data(2, 0xF380, 0x8812)  # msr BASEPRI_MAX, r0: it masks more or nothing changes, B5.2.3
    mov(r0, r1)


@micropython.asm_thumb
def _restore_basepri(r0):
    data(2, 0xF380, 0x8811)  # msr BASEPRI, r0
    data(2, 0xF3BF, 0x8F6F)  # isb


def _ceiling_code():
    # The outermost level stores what it found after it has counted itself, and takes it back before: so a handler that
    # uses the same ceiling between finds it either held or free. Inner levels change nothing, and so restore nothing.
    @micropython.asm_thumb
    def enter():
        b(BODY)
        b(END)
        align(4)
        data(4, 0, 0, 0)  # BASEPRI as found; levels; BASEPRI inside
        label(BODY)
        mov(r3, pc)
        sub(r3, 4 + 4 * 3)
        data(2, 0xF3EF, 0x8011)  # mrs r0, BASEPRI
        ldr(r1, [r3, 8])
        data(2, 0xF381, 0x8812)  # msr BASEPRI_MAX, r1
        ldr(r1, [r3, 4])
        add(r2, r1, 1)
        str(r2, [r3, 4])
        cmp(r1, 0)
        bne(HELD)
        str(r0, [r3, 0])
        label(HELD)
        mov(r0, 0)
        label(END)

    @micropython.asm_thumb
    def leave(r0, r1, r2):
        b(BODY)
        b(END)
        align(4)
        data(4, 0)  # address of the words above
        label(BODY)
        mov(r3, pc)
        sub(r3, 4 + 4)
        ldr(r3, [r3, 0])
        ldr(r0, [r3, 0])
        ldr(r1, [r3, 4])
        sub(r1, 1)
        bmi(NOT_ENTERED)
        str(r1, [r3, 4])
        cmp(r1, 0)
        bne(HELD)
        data(2, 0xF380, 0x8811)  # msr BASEPRI, r0
        data(2, 0xF3BF, 0x8F6F)  # isb
        label(NOT_ENTERED)
        label(HELD)
        mov(r0, 0)
        label(END)

    return enter, leave


def _source_code():  # noqa: PLR0915 - one statement an instruction
    # Where there is no BASEPRI the lines themselves are disabled, as RTIC does it; B3.4.3 and B3.4.4 of DDI 0419E.
    @micropython.asm_thumb
    def enter():
        b(BODY)
        b(END)
        align(4)
        data(4, 0, 0, 0, 0)  # lines that were enabled; levels; lines to disable; address of ISER
        label(BODY)
        mov(r3, pc)
        sub(r3, 4 + 4 * 4)
        ldr(r4, [r3, 12])
        ldr(r1, [r3, 8])
        data(2, 0xF3EF, 0x8510)  # mrs r5, PRIMASK
        cpsid(0)  # a handler that disables a line of these is not undone on leaving
        ldr(r0, [r4, 0])
        and_(r0, r1)
        mov(r2, 128)
        add(r4, r4, r2)  # ICER
        str(r1, [r4, 0])
        data(2, 0xF385, 0x8810)  # msr PRIMASK, r5
        data(2, 0xF3BF, 0x8F4F)  # dsb: the lines are off before what follows, DAI 0321A, "Disabling interrupts"
        data(2, 0xF3BF, 0x8F6F)  # isb
        ldr(r1, [r3, 4])
        add(r2, r1, 1)
        str(r2, [r3, 4])
        cmp(r1, 0)
        bne(HELD)
        str(r0, [r3, 0])
        label(HELD)
        mov(r0, 0)
        label(END)

    @micropython.asm_thumb
    def leave(r0, r1, r2):
        b(BODY)
        b(END)
        align(4)
        data(4, 0)  # address of the words above
        label(BODY)
        mov(r3, pc)
        sub(r3, 4 + 4)
        ldr(r3, [r3, 0])
        ldr(r0, [r3, 0])
        ldr(r1, [r3, 4])
        sub(r1, 1)
        bmi(NOT_ENTERED)
        str(r1, [r3, 4])
        cmp(r1, 0)
        bne(HELD)
        ldr(r4, [r3, 12])
        str(r0, [r4, 0])
        data(2, 0xF3BF, 0x8F4F)  # dsb
        data(2, 0xF3BF, 0x8F6F)  # isb
        label(NOT_ENTERED)
        label(HELD)
        mov(r0, 0)
        label(END)

    return enter, leave


class Ceiling:
    """Masks interrupts up to `priority` for the length of a `with` block; `ceiling` makes one for each priority.

    sources: None, or a function that returns the lines of that priority and below as a mask of bits, for a core without
    BASEPRI.
    """

    def __init__(self, priority, sources=None):
        self.priority = priority
        self._sources = sources
        if sources is None:
            enter, leave = _ceiling_code()
            self._words = resident(enter, 0, 0, level(priority))
        else:
            enter, leave = _source_code()
            self._words = resident(enter, 0, 0, sources(priority), ISER)
        resident(leave, self._words.word_address(0))
        self.__enter__ = enter
        self.__exit__ = leave

    def refresh(self):
        """Take over a change of priorities. Called by `corten.irq`; not inside the section."""
        if self._sources:
            self._words.words[2] = self._sources(self.priority)


class _Nothing:
    def __enter__(self):
        pass

    def __exit__(self, kind, value, traceback):
        pass


_made: dict = {}


def ceiling(priority):
    """Return what masks interrupts of `priority` and below inside a `with` block: always the same object for a
    priority.

    priority: 0, which masks nothing, to board.PRIORITIES, which masks all as `critical` does. Raises ValueError
    outside.
    """
    found = _made.get(priority)
    if found is None:
        found = _made[priority] = _make(priority)
    return found


def _make(priority):
    if not 0 <= priority <= board.PRIORITIES:
        raise ValueError("ceiling %r: this chip has priorities 0 to %d" % (priority, board.PRIORITIES))
    if priority == board.PRIORITIES:
        return critical
    if priority == 0:
        return _Nothing()
    if board.BASEPRI:
        return Ceiling(priority)
    from corten.irq import lines_up_to

    return Ceiling(priority, lines_up_to)


def made():
    """Return the objects that `ceiling` has made so far."""
    return list(_made.values())


def refresh():
    """Take over that lines have changed their priority. Called by `corten.irq`."""
    for section in made():
        if isinstance(section, Ceiling):
            section.refresh()
