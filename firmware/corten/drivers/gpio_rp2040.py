"""RP2040 GPIO: levels by SIO, functions and edges by IO_BANK0, pulls and pads by PADS_BANK0. Used through `corten.pin`.

Source: RP2040 datasheet, sections 2.3.1.7 (SIO), 2.19.6.1 (IO_BANK0) and 2.19.6.3 (PADS_BANK0). Both banks are out of
reset: MicroPython for the RP2040 does that at boot.

The alternate functions of a pin, 0 to 9 without 5, are in section 2.19.2. Analog is for GPIO26 to GPIO29. Edges
interrupt the first core.

An open drain is made of overrides in IO_BANK0: the output is always low, and enabled while the pin's bit in GPIO_OE is
0. So there this register has the level. Alternate functions have no open drain but their own, as I2C has.
"""

from micropython import const

from corten.atomic import atomic
from corten.register import ALIASES, RO, W1C, WO, Block, Field, Reg


class Sio(Block):
    """Registers of the pins' levels and directions."""

    SET_CLEAR = {  # noqa: RUF012 - never written
        "GPIO_OUT": ("GPIO_OUT_SET", "GPIO_OUT_CLR", "GPIO_OUT_XOR"),
        "GPIO_OE": ("GPIO_OE_SET", "GPIO_OE_CLR", "GPIO_OE_XOR"),
    }
    OUTPUT = "GPIO_OUT"
    OPEN_DRAIN = "GPIO_OE"
    INPUT = "GPIO_IN"

    GPIO_IN = Reg(0x04, RO)
    GPIO_OUT = Reg(0x10)
    GPIO_OUT_SET = Reg(0x14, WO)
    GPIO_OUT_CLR = Reg(0x18, WO)
    GPIO_OUT_XOR = Reg(0x1C, WO)
    GPIO_OE = Reg(0x20)
    GPIO_OE_SET = Reg(0x24, WO)
    GPIO_OE_CLR = Reg(0x28, WO)
    GPIO_OE_XOR = Reg(0x2C, WO)


class _Function(Block):
    # Of one pin, in IO_BANK0: 8 bytes further for the next.
    CTRL = Reg(
        0x04, FUNCSEL=Field(0, 5), OUTOVER=Field(8, 2), OEOVER=Field(12, 2), INOVER=Field(16, 2), IRQOVER=Field(28, 2)
    )


class _Interrupts(Block):
    # Of eight pins, in IO_BANK0: 4 bytes further for the next. Each pin has 4 bits: level low, high, edge low, high.
    ATOMIC = ALIASES

    INTR = Reg(0xF0, W1C)
    PROC0_INTE = Reg(0x100)
    PROC0_INTS = Reg(0x120, RO)


class _Pad(Block):
    # Of one pin, in PADS_BANK0: 4 bytes further for the next.
    GPIO = Reg(
        0x04,
        SLEWFAST=Field(0),
        SCHMITT=Field(1),
        PDE=Field(2),
        PUE=Field(3),
        DRIVE=Field(4, 2),
        IE=Field(6),
        OD=Field(7),
    )


PORT = Sio

_PINS = const(30)
_FIRST_ANALOG = const(26)
_BY_SIO = const(5)  # in FUNCSEL
_NOTHING = const(31)
_LAST_FUNCTION = const(9)
_OUTOVER = const(8)  # a field's lowest bit
_OEOVER = const(12)
_INVERT = const(1)  # of an override: CTRL in section 2.19.6.1
_FORCE = const(2)  # to low or disabled; one more: to high or enabled
_4_MA = const(1)  # DRIVE's reset value
_PINS_A_REGISTER = const(8)
_BITS_A_PIN = const(4)
_REQUEST_WORDS = const(4)
_EDGES = const(0b1100)
_FALLING = const(0b0100)
_RISING = const(0b1000)
_PULLS = (None, "up", "down")
_SPEEDS = {"low": 0, "medium": 0, "high": 1, "highest": 1}


def port(base, uses):
    """Return the `Port` at `base`. uses: the bases of IO_BANK0 ("functions") and PADS_BANK0 ("pads")."""
    return Port(base, uses)


class Port:
    """How the pins are configured. registers: SIO's. bus: in place of the hardware's. Callers: the main context."""

    def __init__(self, base, uses, bus=None):
        self.registers = Sio(base, bus)
        self._uses = uses
        self._bus = bus

    def check(self, bit, state):
        """Raise ValueError for a pin that there is not, and for an analog one outside of GPIO26 to GPIO29."""
        if not 0 <= bit < _PINS:
            raise ValueError("there are pins 0 to %d, not %r" % (_PINS - 1, bit))
        if state == "analog" and bit < _FIRST_ANALOG:
            raise ValueError("GPIO%d is no analog pin: GPIO%d to GPIO%d are" % (bit, _FIRST_ANALOG, _PINS - 1))

    def configure(self, bit, state, pull=None, initial=0, open_drain=False, speed="low", function=0):
        """Bring a pin into a state: "input", "output", "alternate" or "analog", without a level in between that neither
        the old nor the new state has. speed: "high" and "highest" are the fast slew rate, the others the slow one.
        Raises ValueError for what there is not."""
        if pull not in _PULLS:
            raise ValueError("a pin's pull is one of %s, not %r" % (", ".join(map(repr, _PULLS)), pull))
        if speed not in _SPEEDS:
            raise ValueError("a pin's speed is one of %s, not %r" % (", ".join(_SPEEDS), speed))
        if open_drain and state != "output":
            raise ValueError("an %s of this port has no open drain" % state)
        if not 0 <= function <= _LAST_FUNCTION or (state == "alternate" and function == _BY_SIO):
            raise ValueError("a pin has the functions 0 to %d without %d, not %r" % (_LAST_FUNCTION, _BY_SIO, function))
        digital = state != "analog"
        pad = self._pad(bit).encode(
            IE=digital, OD=not digital, PUE=pull == "up", PDE=pull == "down",
            DRIVE=_4_MA, SCHMITT=1, SLEWFAST=_SPEEDS[speed]
        )  # fmt: skip
        control = {"alternate": function, "analog": _NOTHING}.get(state, _BY_SIO)
        if open_drain:
            self._set(bit, pad, control | _FORCE << _OUTOVER | _INVERT << _OEOVER, 0, bool(initial))
        else:
            self._set(bit, pad, control, 1 if initial else 0, state == "output")

    def found(self, bit):
        """Return how a pin is configured, for `restore`."""
        out, enabled = self.registers.GPIO_OUT.read(), self.registers.GPIO_OE.read()
        return self._pad(bit).read(), self._control(bit).read(), out >> bit & 1, enabled >> bit & 1

    def restore(self, bit, found):
        """Configure a pin as it was found."""
        self._set(bit, *found)

    def edges(self, bit, load):
        """Return a pin's edges, as `corten.pin_edges` needs them."""
        functions = self._uses["functions"]
        requests = _Interrupts(functions, self._bus).PROC0_INTS.address, _REQUEST_WORDS
        base = functions + bit // _PINS_A_REGISTER * 4
        return PinEdges(_Interrupts(base, self._bus), bit % _PINS_A_REGISTER * _BITS_A_PIN, requests)

    def _set(self, bit, pad, control, level, enabled):
        self._pad(bit).write(pad)
        if control & _NOTHING == _BY_SIO:  # it is as it will be while SIO becomes it
            forced = _FORCE | _overridden(level, control >> _OUTOVER), _FORCE | _overridden(enabled, control >> _OEOVER)
            self._control(bit).write(_BY_SIO | forced[0] << _OUTOVER | forced[1] << _OEOVER)
        else:
            self._control(bit).write(control)
        self._drive(1 << bit, level, enabled)
        if control & _NOTHING == _BY_SIO:
            self._control(bit).write(control)

    def _pad(self, bit):
        return _Pad(self._uses["pads"] + 4 * bit, self._bus).GPIO

    def _control(self, bit):
        return _Function(self._uses["functions"] + 8 * bit, self._bus).CTRL

    def _drive(self, mask, level, enabled):
        for register, value in ((self.registers.GPIO_OUT, level), (self.registers.GPIO_OE, enabled)):
            if value:
                atomic(register).set(mask)
            else:
                atomic(register).clear(mask)


def _overridden(value, how):
    # What an override makes of a signal.
    return how & 1 if how & _FORCE else value ^ how & _INVERT


class PinEdges:
    """The edges of one pin, as `corten.pin_edges` needs them. The hardware latches one edge of each direction.

    interrupt: the name of the line that interrupts. flag: (address, mask) of what says that there was an edge; clear:
    (address, word) of the store that forgets it. requests: (address, count) of the words in which all pins ask.
    """

    interrupt = "IO_BANK0"

    def __init__(self, registers, shift, requests):
        self.requests = requests
        self._registers = registers
        self._shift = shift
        self.flag = (registers.PROC0_INTS.address, _EDGES << shift)
        self.clear = (registers.INTR.address, _EDGES << shift)

    def start(self, rising, falling, owner):
        """Interrupt at these edges from now on; one that came before is forgotten."""
        self._registers.INTR.write(_EDGES << self._shift)
        edges = (_RISING if rising else 0) | (_FALLING if falling else 0)
        atomic(self._registers.PROC0_INTE).set(edges << self._shift)

    def stop(self):
        """No longer interrupt."""
        atomic(self._registers.PROC0_INTE).clear(_EDGES << self._shift)
