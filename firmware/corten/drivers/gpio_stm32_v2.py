"""STM32 GPIO, version 2: the ports of STM32F2 and later, here F4 and L4. Used through `corten.pin`.

Source: ST RM0351, section 8.5 (GPIO registers); RM0090, section 8.4, has the same ones. The port's clock must be
running, and for PG2 to PG15 of an STM32L4 VDDIO2 must be declared valid (RM0351, section 5.1.4).

An analog pin of an STM32L47x or L48x reaches its converter through a switch of its own, ASCR, which is the converter's
affair.
"""

from micropython import const

from corten.critical import critical
from corten.register import RO, WO, Block, Field, Reg


class Gpio(Block):
    """Registers of a port."""

    SET_RESET = {"ODR": "BSRR"}  # noqa: RUF012 - never written
    OUTPUT = "ODR"
    INPUT = "IDR"

    MODER = Reg(0x00, MODER=Field(0, 2, count=16))
    OTYPER = Reg(0x04, OT=Field(0, count=16))
    OSPEEDR = Reg(0x08, OSPEEDR=Field(0, 2, count=16))
    PUPDR = Reg(0x0C, PUPDR=Field(0, 2, count=16))
    IDR = Reg(0x10, RO, IDR=Field(0, count=16))
    ODR = Reg(0x14, ODR=Field(0, count=16))
    BSRR = Reg(0x18, WO)
    LCKR = Reg(0x1C)
    AFRL = Reg(0x20, AFRL=Field(0, 4, count=8))
    AFRH = Reg(0x24, AFRH=Field(0, 4, count=8, first=8))


PORT = Gpio

_MODES = {"input": 0, "output": 1, "alternate": 2, "analog": 3}
_PULLS = {None: 0, "up": 1, "down": 2}
_SPEEDS = {"low": 0, "medium": 1, "high": 2, "highest": 3}
_FUNCTIONS = const(16)
_LETTERS = "ABCDEFGHI"


_ports: dict = {}


def port(base, uses):
    """Return the `Port` at `base`, always the same. uses: the bases of EXTI ("edges") and SYSCFG ("selector")."""
    if base not in _ports:
        _ports[base] = Port(base, uses)
    return _ports[base]


class Port:
    """How the pins of a port are configured. registers: the port's. Callers: the main context."""

    def __init__(self, base, uses):
        self.registers = Gpio(base)
        self._uses = uses
        self._letter = _LETTERS[base >> 10 & 0xF]  # a port every KiB: RM0351 and RM0090, table of the memory map

    def check(self, bit, state):
        """Every pin can be in every state."""

    def configure(self, bit, state, pull=None, initial=0, open_drain=False, speed="low", function=0):
        """Bring a pin into a state: "input", "output", "alternate" or "analog", without a level in between that neither
        the old nor the new state has. Raises ValueError for what there is not."""
        chosen = (
            _one_of("pull", _PULLS, pull),
            _one_of("speed", _SPEEDS, speed),
            1 if open_drain else 0,
            function,
            1 if initial else 0,
        )
        if not 0 <= function < _FUNCTIONS:
            raise ValueError("a pin has the functions 0 to %d, not %r" % (_FUNCTIONS - 1, function))
        self._set(bit, _MODES[state], *chosen)

    def found(self, bit):
        """Return how a pin is configured, for `restore`."""
        registers = self.registers
        half = registers.AFRL if bit < 8 else registers.AFRH
        return (
            _get(registers.MODER, bit, 2)
            | _get(registers.PUPDR, bit, 2) << 2
            | _get(registers.OSPEEDR, bit, 2) << 4
            | _get(registers.OTYPER, bit, 1) << 6
            | _get(half, bit % 8, 4) << 7
            | _get(registers.ODR, bit, 1) << 11
        )

    def restore(self, bit, found):
        """Configure a pin as it was found."""
        self._set(bit, found & 3, found >> 2 & 3, found >> 4 & 3, found >> 6 & 1, found >> 7 & 15, found >> 11)

    def edges(self, bit, load):
        """Return a pin's edges, as `corten.pin_edges` needs them. load: `load(block, name)` gives a block's driver."""
        select = load("syscfg_stm32_l4", "selector").selector(self._uses["selector"])
        return load("exti_stm32_l4", "PinEdges").PinEdges(self._uses["edges"], select, self._letter, bit)

    def _set(self, bit, mode, pull, speed, drain, function, level):
        registers = self.registers
        half = registers.AFRL if bit < 8 else registers.AFRH
        alternate = mode == _MODES["alternate"]
        drives = alternate or mode == _MODES["output"]
        latch = 1 << bit if level else 1 << bit + 16
        with critical:
            if not drives:
                _put(registers.MODER, bit, 2, mode)
            if drain:  # of two kinds of drive, the weaker is in force on the way
                _put(registers.OTYPER, bit, 1, drain)
            if alternate:
                _put(half, bit % 8, 4, function)
            else:  # as an output it shows from the first moment on
                registers.BSRR.write(latch)
            _put(registers.OSPEEDR, bit, 2, speed)
            _put(registers.PUPDR, bit, 2, pull)
            if drives:
                _put(registers.MODER, bit, 2, mode)
            if alternate:  # what would have shown in the state before
                registers.BSRR.write(latch)
            else:
                _put(half, bit % 8, 4, function)
            if not drain:
                _put(registers.OTYPER, bit, 1, drain)


def _one_of(what, known, chosen):
    if chosen not in known:
        raise ValueError("a pin's %s is one of %s, not %r" % (what, ", ".join(map(repr, known)), chosen))
    return known[chosen]


def _get(register, index, width):
    return register.read() >> index * width & (1 << width) - 1


def _put(register, index, width, value):
    register.write(register.read() & ~((1 << width) - 1 << index * width) | value << index * width)
