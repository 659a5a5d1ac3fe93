"""STM32F4 and STM32L4 extended interrupts: an interrupt at an edge of a pin.

Pins use it through `corten.pin`: `board.BUTTON.into_input().edges(falling=True)`. For handlers of one's own:

    edges = board.EXTI.open(board.SYSCFG.open())
    edges.watch("C", 13, rising=True)
    Interrupt("EXTI15_10").bind(…)

Source: ST RM0351, section 14.5 (EXTI registers); RM0090, section 12.3, has the same ones without the digit in their
names. The pin itself is an input, with its port's clock running. A line watches a pin of one port: the first to ask has
it. The hardware latches one edge a line: what comes before the handler has cleared the flag is the same request.

QEMU (to 10.0) remembers the level that a line had before another port was selected for it, and drives it anew only at
the pin's next change. From reset that is port A, whose pins 13 and 15 are pulled up (section 8.5.4), so the first
rising edge of another port's pin 13 or 15 is lost there. A pulse between `watch` and the first edge that matters cures
it.
"""

from corten.critical import critical
from corten.owned import Handle
from corten.register import W1C, Block, Reg


class Exti(Block):
    """Registers of the lines 0 to 31, of which 0 to 15 are pins."""

    IMR1 = Reg(0x00)
    RTSR1 = Reg(0x08)
    FTSR1 = Reg(0x0C)
    SWIER1 = Reg(0x10)
    PR1 = Reg(0x14, W1C)


_PINS = 16
_VECTORS = ("EXTI0", "EXTI1", "EXTI2", "EXTI3", "EXTI4") + ("EXTI9_5",) * 5 + ("EXTI15_10",) * 6

_owners: dict = {}  # (base address, line) -> (the pin's name, who may change it)
_of_pins: dict = {}  # base address -> the `Edges` of pins that go through `corten.pin`


class LineTaken(Exception):
    """The line watches another port's pin; the message names whose."""


def open(peripheral, selector):
    """Return the `Owned` edges. selector: the handle of SYSCFG, which knows the ports. Nothing is touched yet."""
    return Owned(peripheral, selector)


class Edges:
    """Which pins interrupt. A pin number stands for one port at a time.

    flag_address: of the register in which a handler in machine code stores `1 << pin` before it returns.

    Callers: the main context; `acknowledge` also hard handlers.
    """

    def __init__(self, base, selector):
        self._registers = Exti(base)
        self._selector = selector
        self.flag_address = self._registers.PR1.address

    def watch(self, port, pin, rising=False, falling=False, owner="EXTI"):
        """Interrupt at these edges of a pin from now on; an edge that came before is forgotten.

        port: "A" to "I". pin: 0 to 15. owner: for the message of the next one. Raises ValueError outside, or if neither
        edge is chosen; LineTaken if the line is someone else's.
        """
        if not (rising or falling):
            raise ValueError("watch rising edges, falling ones, or both")
        self._selector.check(port, pin)
        had, by = _owners.setdefault((self._registers.base, pin), (owner, self))
        if by is not self or had != owner:
            raise LineTaken("line %d of EXTI watches %s, and not P%s%d meanwhile" % (pin, had, port, pin))
        self._selector.select(port, pin)
        registers = self._registers
        bit = 1 << pin
        with critical:
            registers.IMR1.clear(bit)
            self._choose(registers.RTSR1, bit, rising)
            self._choose(registers.FTSR1, bit, falling)
            registers.PR1.write(bit)
            registers.IMR1.set(bit)

    def ignore(self, pin, owner=None):
        """No longer interrupt at edges of a pin. owner: as of `watch`, None for any of this object's; what is someone
        else's stays. Raises ValueError for a pin outside of 0 to 15."""
        if not 0 <= pin < _PINS:
            raise ValueError("a port has pins 0 to %d, not %r" % (_PINS - 1, pin))
        key = (self._registers.base, pin)
        had, by = _owners.get(key, (None, None))
        if by is self and owner in (None, had):
            del _owners[key]
            registers = self._registers
            with critical:
                for register in (registers.IMR1, registers.RTSR1, registers.FTSR1):
                    register.clear(1 << pin)
                registers.PR1.write(1 << pin)

    def acknowledge(self, pin):
        """Clear a pin's flag; without it the interrupt runs again. Allocates nothing."""
        self._registers.PR1.write(1 << pin)

    def _choose(self, register, bit, chosen):
        if chosen:
            register.set(bit)
        else:
            register.clear(bit)


class Owned(Edges, Handle):
    """The edges that `board.EXTI.open` gives."""

    def __init__(self, peripheral, selector):
        Edges.__init__(self, peripheral.base, selector)
        Handle.__init__(self, peripheral)

    def close(self):
        """No longer interrupt at any edges of pins that were watched here, and release the peripheral."""
        for pin in range(_PINS):
            self.ignore(pin)
        Handle.close(self)


class PinEdges:
    """The edges of one pin, as `corten.pin_edges` needs them.

    interrupt: the name of the line that interrupts. flag: (address, mask) of what says that there was an edge; clear:
    (address, word) of the store that forgets it.
    """

    def __init__(self, base, selector, port, pin):
        if base not in _of_pins:
            _of_pins[base] = Edges(base, selector)
        self._edges = _of_pins[base]
        self._port = port
        self._pin = pin
        self._owner = None
        self.interrupt = _VECTORS[pin]
        self.flag = self.clear = (self._edges.flag_address, 1 << pin)

    def start(self, rising, falling, owner):
        """Interrupt at these edges. owner: the pin's name. Raises LineTaken."""
        self._owner = owner
        self._edges.watch(self._port, self._pin, rising, falling, owner)

    def stop(self):
        """No longer interrupt. Harmless when repeated, and where it could not start."""
        if self._owner is not None:
            self._edges.ignore(self._pin, self._owner)
