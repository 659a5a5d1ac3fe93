"""Critical sections: interrupts are masked inside, and afterwards are as they were found.

    with critical:
        …

PRIMASK is read and written directly (DDI 0403E, sections B1.4.3 and B5.2.3) and not through `machine.disable_irq`:
what is masked is then the same on every port, while a port's own function may mean less (interrupts of one stack) or
more (a lock that the second core waits for). It masks the core that it runs on, and no other.

Callers: the main context and interrupt handlers. Sections nest, up to 29 deep. `critical` allocates nothing, and holds
no loop or branch after masking, so Ctrl-C cannot end it half-way.
"""

import machine
import micropython

_DEEPEST = 1 << 29  # one more bit, and the saved masks would be a heap integer


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


@micropython.asm_thumb
def _wait_while(r0, r1, r2):
    data(2, 0xF3EF, 0x8310)  # mrs r3, PRIMASK
    label(LOOK)
    cpsid(0)
    ldr(r4, [r0, 0])
    cmp(r4, r1)
    bne(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb
    wfi()
    data(2, 0xF383, 0x8810)  # msr PRIMASK, r3
    data(2, 0xF3BF, 0x8F6F)  # isb
    sub(r2, 1)
    bne(LOOK)
    label(DONE)
    data(2, 0xF383, 0x8810)
    data(2, 0xF3BF, 0x8F6F)


class Critical:
    """Masks interrupts for the length of a `with` block. There is one instance, `critical`."""

    def __init__(self):
        self._saved = 0  # a stack of PRIMASK bits, the innermost section's lowest

    def __enter__(self):
        if self._saved >= _DEEPEST:
            raise RuntimeError("critical sections are nested too deeply")
        found = _mask()
        self._saved = self._saved << 1 | found

    def __exit__(self, kind, value, traceback):
        found = self._saved & 1
        self._saved >>= 1
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

    It looks with interrupts masked, so a handler that changes the word cannot be missed. This project's port sleeps
    through its own tick. On another the tick wakes the core, once in a millisecond, and is the clock: other interrupts
    shorten the time, and Ctrl-C and scheduled callbacks wait until it returns. Allocates nothing.
    """
    sleep = getattr(machine, "sleep_while", _wait_while)
    sleep(address, value, timeout_ms)
