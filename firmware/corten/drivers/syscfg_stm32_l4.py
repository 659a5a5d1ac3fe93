"""STM32F4 and STM32L4 system configuration: which port's pin each line of the EXTI watches.

Source: ST RM0351, section 9.2 (SYSCFG registers); RM0090, section 9.2, has the same ones and a port more. On silicon
SYSCFG's clock must be running, which its bit in RCC_APB2ENR does; the emulator has no such gate.
"""

from corten.critical import critical
from corten.owned import Handle
from corten.register import Array, Block, Reg


class Syscfg(Block):
    """Registers of the block that this driver uses."""

    EXTICR = Array(Reg(0x08), count=4, stride=4)


PORTS = "ABCDEFGHI"
PINS = 16
_PINS_A_REGISTER = 4
_FIELD_BITS = 4
_FIELD_MASK = 15


_selectors: dict = {}


def open(peripheral):
    """Return the `Owned` selector. It changes nothing yet."""
    return Owned(peripheral)


def selector(base):
    """Return the `Selector` at `base`, always the same."""
    if base not in _selectors:
        _selectors[base] = Selector(base)
    return _selectors[base]


class Selector:
    """Callers: the main context. Allocates in no call that succeeds."""

    def __init__(self, base):
        self._registers = Syscfg(base)

    def check(self, port, pin):
        """Raise ValueError unless `port` is "A" to "I" and `pin` 0 to 15."""
        if port not in PORTS or len(port) != 1:
            raise ValueError("a port is one of %s, not %r" % (PORTS, port))
        if not 0 <= pin < PINS:
            raise ValueError("a port has pins 0 to %d, not %r" % (PINS - 1, pin))

    def select(self, port, pin):
        """Let line `pin`, 0 to 15, watch that pin of `port`, "A" to "I". Raises ValueError outside."""
        self.check(port, pin)
        register = self._registers.EXTICR[pin // _PINS_A_REGISTER]
        shift = pin % _PINS_A_REGISTER * _FIELD_BITS
        with critical:
            register.write(register.read() & ~(_FIELD_MASK << shift) | PORTS.find(port) << shift)


class Owned(Selector, Handle):
    """The selector that `board.SYSCFG.open` gives."""

    def __init__(self, peripheral):
        Selector.__init__(self, peripheral.base)
        Handle.__init__(self, peripheral)
