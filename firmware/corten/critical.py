"""Critical sections: interrupts are masked inside, and afterwards are as they were found.

    with critical:
        …

PRIMASK is read and written directly (DDI 0403E, sections B1.4.3 and B5.2.3) and not through `machine.disable_irq`:
what is masked is then the same on every port, while a port's own function may mean less (interrupts of one stack) or
more (a lock that the second core waits for). It masks the core that runs it, and no other: for a second one see
`corten.spinlock`. To mask only what is not more urgent than a priority, see `corten.ceiling`.

Callers: the main context and interrupt handlers. Sections nest to any depth. Entering and leaving allocates nothing,
and holds no loop or jump of the interpreter after masking, so Ctrl-C cannot end it half-way. A section that is left
more often than it was entered stays left.
"""

import time

import machine
import micropython

from corten.interpreter import UnknownRuntime
from corten.native import resident


@micropython.asm_thumb
def _mask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
    cpsid(0)


@micropython.asm_thumb
def _restore(r0):
    # The ISB lets what became pending meanwhile run before the next instruction: DAI 0321A, "Enabling interrupts
    # using CPS and MSR instructions".
    data(2, 0xF380, 0x8810)  # msr PRIMASK, r0
    data(2, 0xF3BF, 0x8F6F)  # isb


@micropython.asm_thumb
def _wait():
    data(2, 0xF3BF, 0x8F4F)  # dsb, before sleeping: DAI 0321A, "Entering sleep modes"
    wfi()
    mov(r0, 0)


@micropython.viper
def word_is(address: int, value: int) -> bool:
    """Return whether the word at `address` is `value`. Any context; allocates nothing."""
    return ptr32(address)[0] == value


def _wait_while(address, value, timeout_ms):
    start = time.ticks_ms()
    while word_is(address, value) and time.ticks_diff(time.ticks_ms(), start) < timeout_ms:
        machine.idle()


def _code():
    # `with` finds these among the attributes of the instance and calls them without it, at about half of what a method
    # costs. Their state is in their own words.
    @micropython.asm_thumb
    def enter():
        b(BODY)
        b(END)
        align(4)
        data(4, 0, 0)  # what was found at each level, a bit each, the innermost lowest; levels
        label(BODY)
        mov(r3, pc)
        sub(r3, 4 + 4 * 2)
        data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
        cpsid(0)
        ldr(r1, [r3, 4])
        add(r1, 1)
        str(r1, [r3, 4])
        cmp(r1, 32)  # a level deeper than the word is wide leaves interrupts masked, as the one around it wants them
        bhi(DEEP)
        ldr(r1, [r3, 0])
        add(r1, r1, r1)
        orr(r1, r0)
        str(r1, [r3, 0])
        label(DEEP)
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
        ldr(r1, [r3, 4])
        sub(r1, 1)
        bmi(NOT_ENTERED)
        str(r1, [r3, 4])
        cmp(r1, 31)
        bhi(DEEP)
        ldr(r1, [r3, 0])
        mov(r2, 1)
        and_(r2, r1)
        lsr(r1, r1, 1)
        str(r1, [r3, 0])
        data(2, 0xF382, 0x8810)  # msr PRIMASK, r2
        data(2, 0xF3BF, 0x8F6F)  # isb
        label(NOT_ENTERED)
        label(DEEP)
        mov(r0, 0)  # the block's exception goes on
        label(END)

    return enter, leave


class Critical:
    """Masks interrupts for the length of a `with` block. There is one instance, `critical`.

    These methods are what it does, and serve where machine code cannot be installed; they allocate beyond 29 levels.
    """

    def __init__(self):
        self._saved = 0  # a stack of PRIMASK bits, the innermost section's lowest
        self._levels = 0
        try:
            enter, leave = _code()
            self._words = resident(enter)
            resident(leave, self._words.word_address(0))
        except UnknownRuntime:
            return
        self.__enter__ = enter  # type: ignore[method-assign]
        self.__exit__ = leave  # type: ignore[method-assign]

    def __enter__(self):
        found = _mask()
        self._saved = self._saved << 1 | found
        self._levels += 1

    def __exit__(self, kind, value, traceback):
        if self._levels:
            found = self._saved & 1
            self._saved >>= 1
            self._levels -= 1
            _restore(found)


critical = Critical()


def wait_for_interrupt():
    """Sleep until an interrupt is pending; call it inside `with critical`, after looking for work.

    WFI ends for a pending interrupt although PRIMASK masks it (DDI 0403E, section B1.5.19); the handler runs when the
    critical section ends. So what a handler does between the look and the sleep cannot be missed. Allocates nothing.
    """
    _wait()


def wait_while(address, value, timeout_ms):
    """Sleep while the word at `address` is `value`, for `timeout_ms` at most.

    This project's port looks with interrupts masked and sleeps through its own tick. On another, `machine.idle` waits
    for the next interrupt, a millisecond at most. Where it is WFE, as on the RP2040, an interrupt after the look ends
    that wait at once; where it is WFI, a change may be seen at the next tick. Callbacks and Ctrl-C get their turn.
    Allocates where a number is 2**30 or more.
    """
    sleep = getattr(machine, "sleep_while", _wait_while)
    sleep(address, value, timeout_ms)
