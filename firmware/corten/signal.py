"""Signals: something happened, so many times. Set in any context, coalesced, counted, and awaited in the main context.

    arrived = Signal()
    line.bind(native(set_signal, arrived.address, uses=arrived))
    …
    count = await arrived                     # in an asyncio task; or arrived.wait(timeout_ms=100), or arrived.take()

A set that comes while nobody waits is kept: the next take, wait or await gets the number of sets since the last one.
Counts are modulo 2**32. Several handlers and the main context may set the same signal: the count is stored with
interrupts masked, for 3 instructions, and the mask is left as it was found. It masks the core that sets it: both ends
are on one core.

Callers: `set` from any context, it allocates nothing; `take` from the main context, it allocates only for counts of
2**30 and more; waiting from the main context, it may allocate. Of several that take, each set is given to one.
"""

from array import array

import micropython
import uctypes

from corten import waiting
from corten.hot import uint
from corten.native import resident


def _setter(address):
    # A function of its own for each signal, which has the address of its counts: a call without arguments is the
    # cheapest there is.
    @micropython.asm_thumb
    def add_one():
        b(BODY)
        b(END)
        align(4)
        data(4, 0)
        label(BODY)
        mov(r0, pc)
        sub(r0, 4 + 4)
        ldr(r0, [r0, 0])
        data(2, 0xF3EF, 0x8110)  # mrs r1, PRIMASK
        cpsid(0)
        ldr(r2, [r0, 0])
        add(r2, 1)
        str(r2, [r0, 0])
        data(2, 0xF381, 0x8810)  # msr PRIMASK, r1
        mov(r0, 0)
        label(END)

    resident(add_one, address)
    return add_one


@micropython.asm_thumb
def _take(r0) -> uint:
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r1, [r0, 4])
    sub(r0, r1, r2)


@micropython.asm_thumb
def set_signal():
    """A template whose handler sets a signal. 14 instructions, entry and return included, and one more with a flag.

    Words: the signal's address, and two that may be left out: the address of a flag register and what is stored there
    first, which for most devices ends the request.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 3)
    data(2, 0xC80E)  # ldm r0!, {r1, r2, r3}
    cmp(r2, 0)
    beq(SET)
    str(r3, [r2, 0])
    label(SET)
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
    cpsid(0)
    ldr(r2, [r1, 0])
    add(r2, 1)
    str(r2, [r1, 0])
    data(2, 0xF380, 0x8810)  # msr PRIMASK, r0
    label(END)


class Signal:
    """Not set yet. address: of its count, for native handlers.

    set: `signal.set()` counts one more. Any context; allocates nothing.
    """

    def __init__(self):
        self._words = array("I", [0, 0])  # sets ever, and of these, sets taken
        self.address = uctypes.addressof(self._words)
        self.set = _setter(self.address)

    def take(self):
        """Return how often it was set since the last take, wait or await; 0 if not at all. Main context."""
        return _take(self.address)

    def wait(self, timeout_ms=None):
        """Sleep until it is set, `timeout_ms` at most, None for any time; return as `take`.

        Main context; a handler gets WrongContext.
        """
        count = _take(self.address)
        if count:
            return count
        waiting.wait_for_change(self.address, self._words[1], timeout_ms)
        return _take(self.address)

    def wait_async(self):
        """Let other asyncio tasks run until it is set, and return as `take`: for asyncio.wait_for and the like.

        `await signal` is the same.
        """
        address = self.address
        take = _take
        count = take(address)
        while not count:
            waiting.park(address, self._words[1])
            yield
            count = take(address)
        return count

    __iter__ = wait_async
