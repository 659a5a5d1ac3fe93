"""How long interrupts are masked: the longest time of each section, and in which context it was.

    masked.start()
    …
    masked.report()
    masked.stop()

It watches `critical`, and each ceiling that exists when it starts, by machine code around their own: the time is taken
from the counter of `corten.clock` when the outermost level has been entered, and when it is about to be left. A
section that `corten build` lowered runs none of that: measure with `corten build --no-lower`, or with `corten trace`,
which leaves the locks alone.

Callers: the main context; all of it allocates. It costs about 25 instructions a section, part of which count as masked.
"""

import micropython

from corten import clock
from corten.ceiling import Ceiling, made
from corten.context import MAIN
from corten.critical import critical
from corten.interpreter import code_of
from corten.native import resident
from corten.nvic import EXCEPTIONS

_WORST, _WHERE = 4, 5  # words of the code around `leave`


def _around():
    @micropython.asm_thumb
    def enter():
        b(BODY)
        b(END)
        align(4)
        data(4, 0, 0)  # code of the section's own enter; address of the words below
        label(BODY)
        mov(r4, pc)
        sub(r4, 4 + 4 * 2)
        ldr(r3, [r4, 0])
        data(2, 0x4798)  # blx r3
        ldr(r4, [r4, 4])
        ldr(r1, [r4, 4])
        ldr(r1, [r1, 4])  # levels
        cmp(r1, 1)
        bne(INNER_LEVEL)
        ldr(r1, [r4, 8])
        ldr(r1, [r1, 0])
        str(r1, [r4, 12])
        label(INNER_LEVEL)
        mov(r0, 0)
        label(END)

    @micropython.asm_thumb
    def leave(r0, r1, r2):
        b(BODY)
        b(END)
        align(4)
        data(
            4, 0, 0, 0, 0, 0, 0
        )  # code of its own leave; address of its words; of the counter; start; longest; exception
        label(BODY)
        mov(r4, pc)
        sub(r4, 4 + 4 * 6)
        ldr(r1, [r4, 4])
        ldr(r1, [r1, 4])
        cmp(r1, 1)
        bne(INNER_LEVEL)
        ldr(r1, [r4, 8])
        ldr(r1, [r1, 0])
        ldr(r2, [r4, 12])
        sub(r1, r1, r2)
        ldr(r2, [r4, 16])
        cmp(r1, r2)
        bls(INNER_LEVEL)
        str(r1, [r4, 16])
        data(2, 0xF3EF, 0x8205)  # mrs r2, IPSR
        str(r2, [r4, 20])
        label(INNER_LEVEL)
        ldr(r3, [r4, 0])
        data(2, 0x4798)
        mov(r0, 0)
        label(END)

    return enter, leave


class _Watched:
    def __init__(self, section, name, clock_address):
        self.name = name
        self._section = section
        self._found = (section.__enter__, section.__exit__)
        enter, leave = _around()
        state = section._words.word_address(0)
        inner_enter, inner_leave = (code_of(function) | 1 for function in self._found)
        self._words = resident(leave, inner_leave, state, clock_address)
        resident(enter, inner_enter, self._words.word_address(0))
        section.__enter__, section.__exit__ = enter, leave

    def stop(self):
        self._section.__enter__, self._section.__exit__ = self._found

    def worst(self):
        return self._words.words[_WORST], self._words.words[_WHERE]


_watched: list = []
_counts_hz = 0


def start():
    """Begin, with all times at 0. Raises NoClock where the board has no counter; call it outside of any section."""
    global _counts_hz
    stop()
    address, _counts_hz, _ = clock.start()
    _watched.append(_Watched(critical, "critical", address))
    for section in made():
        if isinstance(section, Ceiling):
            _watched.append(_Watched(section, "ceiling %d" % section.priority, address))


def stop():
    """Put the sections' own code back, and forget the times. Harmless if nothing was started."""
    while _watched:
        _watched.pop().stop()


def worst():
    """Return a list of (section, longest time in us as a float, context), the longest first; what never masked is left
    out.

    context: "main", or the number of the interrupt in whose handler it was.
    """
    found = []
    for each in _watched:
        counts, exception = each.worst()
        if counts:
            context = "main" if exception == MAIN else "interrupt %d" % (exception - EXCEPTIONS)
            found.append((each.name, counts * 1e6 / _counts_hz, context))
    return sorted(found, key=lambda each: -each[1])


def report():
    """Print what `worst` returns as a table."""
    print("%-12s %12s  %s" % ("section", "longest, us", "in"))
    for name, longest_us, context in worst():
        print("%-12s %12.2f  %s" % (name, longest_us, context))
