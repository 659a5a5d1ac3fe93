"""STM32 general-purpose timer, as in the STM32F1, F2, F4 and L4: TIM2 to TIM5, used as 16-bit counters.

Source: ST RM0090, section 18.4 (TIM2 to TIM5 registers), and RM0351, section 31.4, which has the same ones.
A period is (PSC + 1) * (ARR + 1) clocks.

`clock_hz` is that of the timer's kernel clock, twice PCLK1 when APB1 is divided. The chip's data have its gate in the
RCC, which the emulator has not.

QEMU (to 10.0) models this block at 1 GHz, takes ARR clocks for a period in place of ARR + 1, never wraps CNT, and after
a write to CNT, a change of PSC or an update event (UG) keeps a period that is longer by the time since boot. So there
`counter` is of no use, and periods are right from a cold boot to the first stop, and up to 65536 clocks.
"""

from corten.register import RW, W0C, WO, Block, Field, Reg
from corten.timer import PeriodicTimer, check_error, counts_of

_COUNTS = 1 << 16  # of the counter and of the prescaler
_WHOLE_WORD = 0xFFFF_FFFF


class Stm32Timer(Block):
    """Registers of the timer that this driver uses."""

    CR1 = Reg(0x00, RW, CEN=Field(0), UDIS=Field(1), URS=Field(2), OPM=Field(3), DIR=Field(4), ARPE=Field(7))
    DIER = Reg(0x0C, RW, UIE=Field(0), UDE=Field(8))
    SR = Reg(
        0x10,
        RW,
        UIF=Field(0, access=W0C),
        CC1IF=Field(1, access=W0C),
        CC2IF=Field(2, access=W0C),
        CC3IF=Field(3, access=W0C),
        CC4IF=Field(4, access=W0C),
        TIF=Field(6, access=W0C),
        CC1OF=Field(9, access=W0C),
        CC2OF=Field(10, access=W0C),
        CC3OF=Field(11, access=W0C),
        CC4OF=Field(12, access=W0C),
    )
    EGR = Reg(0x14, WO, UG=Field(0))
    CNT = Reg(0x24)
    PSC = Reg(0x28)
    ARR = Reg(0x2C)


def open(peripheral):
    """Return a handle that meets the contract of `corten.timer`; the timer is stopped."""
    return Timer(peripheral)


def run_clock(base, clock_hz):
    """Return CNT as a clock for `corten.clock`, counting at `clock_hz` from 0 on. TIM2 and TIM5 only: 32 bits."""
    registers = Stm32Timer(base)
    registers.CR1.write(0)
    registers.PSC.write(0)
    registers.EGR.write(UG=1)
    registers.ARR.write(_WHOLE_WORD)
    registers.CR1.write(CEN=1)
    return registers.CNT.address, clock_hz, _WHOLE_WORD


class Timer(PeriodicTimer):
    """A periodic timer; see `corten.timer` for the contract. `counts_hz` is that of the prescaled clock."""

    def __init__(self, peripheral):
        self._registers = Stm32Timer(peripheral.base)
        flags = self._registers.SR
        super().__init__(peripheral, flags.address, flags.encode(UIF=0))
        self._clock_hz = peripheral.clock_hz
        self.stop()

    def start(self, period_us):
        """Interrupt every `period_us` microseconds, beginning one period from now. Raises ValueError out of range."""
        clocks = counts_of(period_us, self._clock_hz)
        prescaler = (clocks + _COUNTS - 1) // _COUNTS
        if prescaler > _COUNTS or clocks < 2:
            raise ValueError("%d us: this timer keeps 2 to 2**32 counts of %d Hz" % (period_us, self._clock_hz))
        counts = (clocks + prescaler // 2) // prescaler
        check_error(period_us, counts * prescaler, self._clock_hz)
        self.stop()
        self.counts_hz = self._clock_hz / prescaler
        self.period_counts = counts
        registers = self._registers
        if registers.PSC.read() != prescaler - 1:
            registers.PSC.write(prescaler - 1)
            self._update()  # loads PSC: section 18.4.11
        registers.SR.write(UIF=0)
        registers.DIER.write(UIE=1)
        registers.CR1.write(URS=1, CEN=1)
        registers.ARR.write(counts - 1)  # this store starts it: the counter is blocked while ARR is 0

    def stop(self):
        """Stop counting and interrupting, with the counter back at 0; `ticks` stays."""
        registers = self._registers
        registers.DIER.write(0)
        registers.ARR.write(0)
        if registers.CR1.CEN.get():
            registers.CR1.write(0)
            self._update()
            registers.CR1.write(0)
        registers.SR.write(UIF=0)
        self.interrupt.unpend()

    def _update(self):
        # URS: an update event made by UG sets no flag (section 18.4.1).
        self._registers.CR1.write(URS=1)
        self._registers.EGR.write(UG=1)

    @property
    def counter(self):
        """Counts since the period began."""
        return self._registers.CNT.read()
