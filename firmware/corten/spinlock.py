"""A lock between the two cores of an RP2040: a critical section here, and a hardware spinlock against the other core.

    both = Spinlock(address)
    with both:
        …

Inside, this core runs no interrupt, and the other core does not hold the same lock. The other core goes on: its
interrupts run, and whatever does not take the lock runs beside this section. A handler of the other core that wants
the lock spins until it is free, so keep sections short, and take no second one inside. Stores made inside are seen by
the core that takes the lock next: a DMB follows the taking and precedes the release (DDI 0419E, A3.8.3; RP2040
datasheet, section 2.3.1.3).

Callers: any context of either core. Sections of one lock do not nest. Entering and leaving allocates nothing; entering
raises the lock's own TimeoutError if the lock is not free after `spins` looks, with interrupts as they were.
"""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def _claim(r0, r1):
    # A read of the lock's register claims it: it is 0 when the other core has it.
    label(LOOK)
    ldr(r2, [r0, 0])
    cmp(r2, 0)
    bne(CLAIMED)
    sub(r1, 1)
    bne(LOOK)
    label(CLAIMED)
    data(2, 0xF3BF, 0x8F5F)  # dmb
    mov(r0, r1)


@micropython.asm_thumb
def _release(r0):
    data(2, 0xF3BF, 0x8F5F)  # dmb
    str(r0, [r0, 0])  # whatever is written
    mov(r0, 0)  # the address would be a heap integer


class TimeoutError(OSError):
    """The other core did not release the lock."""


class Spinlock:
    """address: of the lock's register, of SIO's SPINLOCK0 to 31; MicroPython and the SDK use some, 24 to 31 are free
    to claim.

    spins: looks at the lock before giving up, about 5 cycles each.
    """

    def __init__(self, address, spins=1_000_000):
        self._address = address
        self._spins = spins
        self._timeout = TimeoutError("the spinlock at 0x%08x is not free" % address)

    # Native code, unlike bytecode, is not left for a Ctrl-C half-way.
    @micropython.native
    def __enter__(self):
        critical.__enter__()
        if not _claim(self._address, self._spins):
            critical.__exit__(None, None, None)
            raise self._timeout

    @micropython.native
    def __exit__(self, kind, value, traceback):
        _release(self._address)
        critical.__exit__(None, None, None)
