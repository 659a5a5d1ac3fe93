"""MPS2 FPGA system control: LEDs, buttons and free-running counters.

Source: Arm DAI 0385D, "Application Note AN385", section 4.1 (FPGA system control and I/O).
"""

from corten.critical import critical
from corten.owned import Handle
from corten.register import RO, Block, Field, Reg


class Fpgaio(Block):
    """Registers of the block."""

    LED = Reg(0x00, LED=Field(0, count=2))
    BUTTON = Reg(0x08, RO, BUTTON=Field(0, count=2))
    CLK1HZ = Reg(0x10)
    CLK100HZ = Reg(0x14)
    COUNTER = Reg(0x18)
    PRESCALE = Reg(0x1C)
    PSCNTR = Reg(0x20)
    MISC = Reg(0x4C)


_LEDS = 2
_WHOLE_WORD = 0xFFFF_FFFF


def run_clock(base, clock_hz):
    """Return COUNTER as a clock for `corten.clock`: it counts from reset on, at `clock_hz` without a prescaler."""
    registers = Fpgaio(base)
    registers.PRESCALE.write(0)
    return registers.COUNTER.address, clock_hz, _WHOLE_WORD


def output(pin):
    """Return an output handle for a `Pin` of the LED register. Raises ValueError if there is no such LED."""
    return Output(pin)


class Output(Handle):
    """One LED. Each change is one read and one write with interrupts masked, so that a handler may share the register.

    address, mask: what a native handler needs to do the same.
    """

    def __init__(self, pin):
        super().__init__(pin)
        bit = pin.bit
        if not 0 <= bit < _LEDS:
            raise ValueError("there are LEDs 0 to %d, not %r" % (_LEDS - 1, bit))
        self._registers = Fpgaio(pin.base)
        self.address = self._registers.LED.address
        self.mask = 1 << bit

    def on(self):
        """Light it."""
        with critical:
            self._registers.LED.set(self.mask)

    def off(self):
        """Darken it."""
        with critical:
            self._registers.LED.clear(self.mask)

    def set(self, value):
        """Light it if `value` is 1, darken it if 0. Raises ValueError for anything else."""
        if value not in (0, 1):
            raise ValueError("an LED is 0 or 1, not %r" % (value,))
        if value:
            self.on()
        else:
            self.off()

    def toggle(self):
        """Change it to the other state."""
        with critical:
            self._registers.LED.toggle(self.mask)

    def value(self):
        """Return 1 if it is lit, else 0: what the register says."""
        return 1 if self._registers.LED.read() & self.mask else 0
