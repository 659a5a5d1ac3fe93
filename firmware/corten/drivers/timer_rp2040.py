"""RP2040 timer: microseconds since boot in 64 bits, and four alarms, each with an interrupt.

Source: RP2040 datasheet, section 4.6. The timer counts clk_ref through the watchdog's tick, 1 MHz whatever the core's
clock is. As a clock for `corten.clock` it is its low word, TIMERAWL, which comes round after 71 minutes.

As a timer for `corten.timer` it is one alarm, whose base is its ALARM register. An alarm fires once, when TIMERAWL is
its value, so what is bound to its interrupt runs behind machine code that clears the flag and sets the alarm for the
next period: `flag_address` and `flag_clear` are a store that does nothing. A period counts from the last one's end, not
from when the handler ran, and what it adds to a handler is 16 instructions. While the interrupt is held up for longer
than a period, its ticks are lost, as with a timer that reloads itself; to find the next one takes at most 4 % of that
time, for periods from 2 us on.

MicroPython for the RP2040 has two of the alarms: 3, the pico-sdk's (`machine.Timer`, sleeping), and 2, its own soft
timers. The block is never reset here: they live in it.
"""

import micropython
from micropython import const

from corten.atomic import atomic
from corten.critical import critical
from corten.irq import Interrupt
from corten.native import native
from corten.register import ALIASES, RO, W1C, Array, Block, Field, Reg
from corten.timer import PeriodicTimer, counts_of
from corten.vectors import installed


class Rp2040Timer(Block):
    """Registers of the timer, without those that write the time, read it in halves, pause it and force interrupts."""

    ATOMIC = ALIASES

    ALARM = Array(Reg(0x10), count=4, stride=4)
    ARMED = Reg(0x20, W1C, ARMED=Field(0, 4))
    TIMERAWL = Reg(0x28, RO)
    INTR = Reg(0x34, W1C, ALARM=Field(0, count=4))
    INTE = Reg(0x38, ALARM=Field(0, count=4))


_FIRST_ALARM = const(0x10)
_BLOCK = const(0xFFF)  # bits of an address that are within the block
_LONGEST = 1 << 31  # microseconds: of two times half a turn apart, neither is the earlier
_WHOLE_WORD = 0xFFFF_FFFF
_PERIOD = const(1)
_HANDLER = const(5)


@micropython.asm_thumb
def _arm(r0, r1, r2):
    # r0: address of the ALARM register, r1: the period, r2: address of TIMERAWL
    data(2, 0xF3EF, 0x8310)  # mrs r3, PRIMASK
    cpsid(0)  # the time does not pass by before the alarm is set
    ldr(r2, [r2, 0])
    add(r2, r2, r1)
    str(r2, [r0, 0])
    data(2, 0xF383, 0x8810)  # msr PRIMASK, r3
    mov(r0, 0)  # the address would be a heap integer


@micropython.asm_thumb
def _next_period():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0)  # ALARM's address, the period, INTR's address, its bit, TIMERAWL's address, the handler's
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 6)
    data(2, 0xC87E)  # ldm r0!, {r1-r6}
    str(r4, [r3, 0])
    ldr(r7, [r1, 0])
    label(NEXT)
    add(r7, r7, r2)
    str(r7, [r1, 0])
    ldr(r0, [r5, 0])
    sub(r0, r0, r7)
    bmi(AHEAD)
    str(r4, [r3, 0])  # the alarm has fired by now, or never will: this interrupt stands for it
    b(NEXT)
    label(AHEAD)
    # To the handler, which finds the stack and all registers as the exception left them, and ends with a barrier (DAI
    # 0321A). It is not called: a handler may look for what was interrupted.
    data(2, 0x46B4)  # mov ip, r6
    data(2, 0xBCF2)  # pop {r1, r4-r7}
    data(2, 0xBC01)  # pop {r0}
    data(2, 0x4686)  # mov lr, r0
    data(2, 0x4760)  # bx ip
    label(END)


def open(peripheral):
    """Return a handle that meets the contract of `corten.timer`; the timer is stopped."""
    return Timer(peripheral)


def run_clock(base, clock_hz):
    """Return TIMERAWL as a clock for `corten.clock`. It runs since boot."""
    return Rp2040Timer(base).TIMERAWL.address, clock_hz, _WHOLE_WORD


class AlarmInterrupt(Interrupt):
    """The line of an alarm: what is bound to it runs after the alarm was set for the next period.

    number: of the line. front: the machine code in front of it.
    """

    def __init__(self, number, front):
        super().__init__(number)
        self._front = front

    def bind(self, handler):
        """As every line's."""
        with critical:  # an alarm that is not set anew would be the last
            super().bind(handler)
            self._front.words[_HANDLER] = handler.address
            handler.in_front = self._front  # it lives as long as the handler is bound
            installed().redirect(self.number, self._front.address)


class Timer(PeriodicTimer):
    """A periodic timer; see `corten.timer` for the contract. It keeps 2 to 2**31 - 1 us."""

    def __init__(self, peripheral):
        number = ((peripheral.base & _BLOCK) - _FIRST_ALARM) // 4
        self._registers = registers = Rp2040Timer(peripheral.base & ~_BLOCK)
        self._alarm = alarm = registers.ALARM[number]
        self._bit = bit = 1 << number
        flags = registers.INTR.address
        super().__init__(peripheral, flags, 0)
        front = native(_next_period, alarm.address, 0, flags, bit, registers.TIMERAWL.address)
        self.interrupt = AlarmInterrupt(self.interrupt.number, front)
        self._words = front.words
        self.stop()

    def start(self, period_us):
        """Interrupt every `period_us` microseconds, beginning one period from now. Raises ValueError out of range."""
        counts = counts_of(period_us, self.counts_hz)
        if not 2 <= counts < _LONGEST:
            raise ValueError("%d us: this timer keeps 2 to 2**31 - 1 counts of %d Hz" % (period_us, self.counts_hz))
        self.stop()
        self.period_counts = self._words[_PERIOD] = counts
        atomic(self._registers.INTE).set(self._bit)
        _arm(self._alarm.address, counts, self._registers.TIMERAWL.address)

    def stop(self):
        """Stop counting and interrupting; `ticks` stays."""
        registers = self._registers
        with critical:  # a handler that runs in between would set the alarm anew
            atomic(registers.INTE).clear(self._bit)
            registers.ARMED.write(self._bit)
            registers.INTR.write(self._bit)
            self.interrupt.unpend()

    @property
    def counter(self):
        """Counts since the period began; 0 before the first start."""
        since = self._registers.TIMERAWL.read() - self._alarm.read()
        return since % self.period_counts if self.period_counts else 0
