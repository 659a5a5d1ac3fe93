"""STM32L4 extended interrupts: an interrupt at an edge of a pin.

    edges = board.EXTI.open(board.SYSCFG.open())
    edges.watch("C", 13, rising=True)
    Interrupt("EXTI15_10").bind(…)

Source: ST RM0351, section 14.5 (EXTI registers). The pin itself is an input, with its port's clock running.

QEMU (to 10.0) remembers the level that a line had before another port was selected for it, and drives it anew only at
the pin's next change. From reset that is port A, whose pins 13 and 15 are pulled up (section 8.5.4), so the first
rising edge of another port's pin 13 or 15 is lost there. A pulse between `watch` and the first edge that matters cures
it.
"""

from corten.critical import critical
from corten.register import W1C, Block, Reg


class Exti(Block):
    """Registers of the lines 0 to 31, of which 0 to 15 are pins."""

    IMR1 = Reg(0x00)
    RTSR1 = Reg(0x08)
    FTSR1 = Reg(0x0C)
    SWIER1 = Reg(0x10)
    PR1 = Reg(0x14, W1C)


_PINS = 16


def open(peripheral, selector):
    """Return the `Edges`. selector: the handle of SYSCFG, which knows the ports. Nothing is touched yet."""
    return Edges(peripheral.base, selector)


class Edges:
    """Which pins interrupt. A pin number stands for one port at a time.

    flag_address: of the register in which a handler in machine code stores `1 << pin` before it returns.

    Callers: the main context; `acknowledge` also hard handlers.
    """

    def __init__(self, base, selector):
        self._registers = Exti(base)
        self._selector = selector
        self.flag_address = self._registers.PR1.address

    def watch(self, port, pin, rising=False, falling=False):
        """Interrupt at these edges of a pin from now on; an edge that came before is forgotten.

        port: "A" to "H". pin: 0 to 15. Raises ValueError outside, or if neither edge is chosen.
        """
        if not (rising or falling):
            raise ValueError("watch rising edges, falling ones, or both")
        self._selector.select(port, pin)
        registers = self._registers
        bit = 1 << pin
        with critical:
            registers.IMR1.clear(bit)
            self._choose(registers.RTSR1, bit, rising)
            self._choose(registers.FTSR1, bit, falling)
            registers.PR1.write(bit)
            registers.IMR1.set(bit)

    def ignore(self, pin):
        """No longer interrupt at edges of a pin. Raises ValueError for a pin outside of 0 to 15."""
        if not 0 <= pin < _PINS:
            raise ValueError("a port has pins 0 to %d, not %r" % (_PINS - 1, pin))
        with critical:
            self._registers.IMR1.clear(1 << pin)

    def acknowledge(self, pin):
        """Clear a pin's flag; without it the interrupt runs again. Allocates nothing."""
        self._registers.PR1.write(1 << pin)

    def close(self):
        """No longer interrupt at any pin's edges."""
        with critical:
            self._registers.IMR1.clear((1 << _PINS) - 1)

    def _choose(self, register, bit, chosen):
        if chosen:
            register.set(bit)
        else:
            register.clear(bit)
