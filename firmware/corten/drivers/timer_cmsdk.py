"""CMSDK APB timer: a 32-bit down-counter.

Source: Arm DDI 0479D, "Cortex-M System Design Kit", section 4.3 (APB timer, programmers model). The counter runs from
RELOAD to 0 and reloads in the next clock, so a period is RELOAD + 1 clocks.
"""

from corten.register import W1C, Block, Field, Reg
from corten.timer import PeriodicTimer, counts_of


class CmsdkTimer(Block):
    """Registers of the timer."""

    CTRL = Reg(0x00, EN=Field(0), EXTERNAL_ENABLE=Field(1), EXTERNAL_CLOCK=Field(2), IRQ_EN=Field(3))
    VALUE = Reg(0x04)
    RELOAD = Reg(0x08)
    INTSTATUS = Reg(0x0C, W1C, IRQ=Field(0))  # read: INTSTATUS, write: INTCLEAR


def open(peripheral):
    """Return a handle that meets the contract of `corten.timer`; the timer is stopped."""
    return Timer(peripheral)


class Timer(PeriodicTimer):
    """A periodic timer; see `corten.timer` for the contract."""

    def __init__(self, peripheral):
        self._registers = CmsdkTimer(peripheral.base)
        flag = self._registers.INTSTATUS
        super().__init__(peripheral, flag.address, flag.encode(IRQ=1))
        self.stop()

    def start(self, period_us):
        """Interrupt every `period_us` microseconds, beginning one period from now. Raises ValueError out of range."""
        counts = counts_of(period_us, self.counts_hz)
        if not 2 <= counts <= 1 << 32:
            raise ValueError("%d us: this timer keeps 2 to 2**32 counts of %d Hz" % (period_us, self.counts_hz))
        self.stop()
        self.period_counts = counts
        registers = self._registers
        registers.RELOAD.write(counts - 1)
        registers.VALUE.write(counts - 1)
        registers.CTRL.write(EN=1, IRQ_EN=1)

    def stop(self):
        """Stop counting and interrupting; `ticks` stays."""
        self._registers.CTRL.write(0)
        self._registers.INTSTATUS.write(IRQ=1)
        self.interrupt.unpend()

    @property
    def counter(self):
        """Counts since the period began."""
        return self.period_counts - 1 - self._registers.VALUE.read()
