"""MPS2 FPGA system control: LEDs, buttons and free-running counters.

LEDs and buttons are used through `corten.pin`.

Source: Arm DAI 0385D, "Application Note AN385", section 4.1 (FPGA system control and I/O).
"""

from corten.atomic import atomic
from corten.register import BIT_BAND, RO, Block, Field, Reg


class Fpgaio(Block):
    """Registers of the block."""

    ATOMIC = BIT_BAND
    OUTPUT = "LED"
    INPUT = "BUTTON"
    INPUT_FIRST = 2

    LED = Reg(0x00, LED=Field(0, count=2))
    BUTTON = Reg(0x08, RO, BUTTON=Field(0, count=2))
    CLK1HZ = Reg(0x10)
    CLK100HZ = Reg(0x14)
    COUNTER = Reg(0x18)
    PRESCALE = Reg(0x1C)
    PSCNTR = Reg(0x20)
    MISC = Reg(0x4C)


PORT = Fpgaio

_LEDS = 2
_PINS = 4
_WHOLE_WORD = 0xFFFF_FFFF


def run_clock(base, clock_hz):
    """Return COUNTER as a clock for `corten.clock`: it counts from reset on, at `clock_hz` without a prescaler."""
    registers = Fpgaio(base)
    registers.PRESCALE.write(0)
    return registers.COUNTER.address, clock_hz, _WHOLE_WORD


def port(base, uses):
    """Return the `Port` at `base`. It uses nothing else."""
    return Port(base)


class Port:
    """Pins 0 and 1 are the LEDs, 2 and 3 the buttons. registers: the block's. Callers: the main context."""

    def __init__(self, base):
        self.registers = Fpgaio(base)

    def check(self, bit, state):
        """Raise ValueError for what a pin cannot be: an LED is an output, a button an input."""
        if not 0 <= bit < _PINS:
            raise ValueError("there are pins 0 to %d, not %r" % (_PINS - 1, bit))
        can = "output" if bit < _LEDS else "input"
        if state != can:
            raise ValueError("pin %d is an %s, and no %s" % (bit, can, state))

    def configure(self, bit, state, initial=0, pull=None, open_drain=False, speed="low"):
        """Light an LED, or darken it. Raises ValueError for options that a board's LED or button has not."""
        if pull is not None or open_drain or speed != "low":
            raise ValueError("an LED or a button of the board has no pull, no open drain and no speed")
        if state == "output":
            self.restore(bit, 1 if initial else 0)

    def found(self, bit):
        """Return whether an LED is lit, for `restore`."""
        return self.registers.LED.read() >> bit & 1 if bit < _LEDS else 0

    def restore(self, bit, found):
        """Light or darken an LED as it was found."""
        if bit < _LEDS:
            led = atomic(self.registers.LED)
            if found:
                led.set(1 << bit)
            else:
                led.clear(1 << bit)
