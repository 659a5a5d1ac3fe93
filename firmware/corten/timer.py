"""The contract of a periodic hardware timer, and the native handler that its drivers share.

A driver's handle has

    start(period_us)    interrupt every period_us; ValueError when the hardware cannot come within 1 % of it
    stop()              no further interrupts
    counter             counts since the period began, 0 to period_counts - 1, at counts_hz
    interrupt           its `Interrupt`: priority, enable, pending
    on_tick(…), ticks   the native handler below
    acknowledge()       for a handler of one's own, bound in place of that: clear the flag that made it run
    flag_address, flag_clear    the store that does so, for machine code
    close()             stop, unbind, and release the peripheral

Callers: the main context. `ticks` and `counter` may allocate: values of 2**30 or more are heap integers.
"""

import micropython

from corten.irq import Interrupt
from corten.native import native
from corten.owned import Handle


@micropython.asm_thumb
def _tick():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0)  # flag's address, what to write there, ticks, target's address, XOR mask
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 5)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    ldr(r1, [r0, 8])
    add(r1, 1)
    str(r1, [r0, 8])
    ldr(r2, [r0, 16])
    cmp(r2, 0)
    beq(DONE)
    ldr(r1, [r0, 12])
    ldr(r3, [r1, 0])
    eor(r3, r2)
    str(r3, [r1, 0])
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return, which would otherwise re-enter (DAI 0321A)
    label(END)


@micropython.asm_thumb
def _store(r0, r1):
    str(r1, [r0, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb, as above
    mov(r0, 0)  # the address would be a heap integer


_TICKS = 2
_TARGET = 3
_MASK = 4


class PeriodicTimer(Handle):
    """What the drivers of periodic timers have in common; a driver adds `start`, `stop` and `counter`.

    peripheral: what it drives. flag_address, flag_clear: the store that clears its interrupt flag.
    """

    def __init__(self, peripheral, flag_address, flag_clear):
        super().__init__(peripheral)
        self.interrupt = Interrupt(peripheral.irq["timer"])
        self.counts_hz = peripheral.clock_hz
        self.period_counts = 0
        self.flag_address = flag_address
        self.flag_clear = flag_clear
        self._is_open = True
        self._handler = native(_tick, flag_address, flag_clear)
        self._is_bound = False

    def on_tick(self, target_address=None, xor_mask=0):
        """From now on count each interrupt, and XOR `xor_mask` into the word at `target_address`, if given.

        The XOR is a load and a store in the handler; who else writes that word does it in a critical section. Raises
        ValueError for an address that is not a word's. Runs at the interrupt's priority, in about 20 instructions.
        """
        address = target_address or 0
        if address % 4 or (xor_mask and not address):
            raise ValueError("the target of a tick is the address of a word, not %r" % (target_address,))
        words = self._handler.words
        words[_MASK] = 0  # the pair changes in an order in which an interrupt between finds no wrong target
        words[_TARGET] = address
        words[_MASK] = xor_mask
        if not self._is_bound:
            self.interrupt.bind(self._handler)
            self._is_bound = True
        self.interrupt.enable()

    def acknowledge(self):
        """Clear the timer's interrupt flag. For a handler that is bound in place of `on_tick`'s; allocates nothing."""
        _store(self.flag_address, self.flag_clear)

    @property
    def ticks(self):
        """Interrupts counted since `open`, modulo 2**32."""
        return self._handler.words[_TICKS]

    @property
    def period_us(self):
        """The period that the hardware keeps, in microseconds, as a float; 0.0 before the first start."""
        return self.period_counts * 1e6 / self.counts_hz

    def start(self, period_us):
        """Interrupt every `period_us` microseconds, beginning one period from now."""
        raise NotImplementedError

    def stop(self):
        """Stop counting and interrupting; `ticks` stays."""
        raise NotImplementedError

    def close(self):
        """Stop, give the vector back, and release the peripheral. Harmless when repeated."""
        if not self._is_open:
            return
        self._is_open = False
        self.stop()
        if self._is_bound:
            self.interrupt.unbind()
            self._is_bound = False
        super().close()


def counts_of(period_us, clock_hz):
    """Return the number of clock counts nearest to `period_us`. Raises ValueError if that is more than 1 % off."""
    if period_us <= 0:
        raise ValueError("a period is longer than 0 us, got %r" % (period_us,))
    counts = (period_us * clock_hz + 500_000) // 1_000_000
    check_error(period_us, counts, clock_hz)
    return counts


def check_error(period_us, counts, clock_hz):
    """Raise ValueError if `counts` of `clock_hz` are more than 1 % away from `period_us`."""
    wanted = period_us * clock_hz
    if abs(counts * 1_000_000 - wanted) * 100 > wanted:
        raise ValueError("%d us cannot be kept within 1 %% by counting %d Hz" % (period_us, clock_hz))
