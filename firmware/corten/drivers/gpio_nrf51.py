"""nRF51 GPIO, with edges by GPIOTE. Used through `corten.pin`.

Source: Nordic "nRF51 Series Reference Manual" 3.0, chapters 14 (GPIO) and 15 (GPIOTE).

There are no alternate functions: each peripheral selects its pins itself (section 14.1), and they are configured as it
asks for. Analog is for AIN0 to AIN7 (nRF51822 Product Specification, section 2.3). Four pins can have edges at a time.
"""

from micropython import const

from corten.atomic import atomic
from corten.register import RO, W1C, W1S, Block, Field, Reg


class Gpio(Block):
    """Registers of the port."""

    SET_CLEAR = {"OUT": ("OUTSET", "OUTCLR", None)}  # noqa: RUF012 - never written
    OUTPUT = "OUT"
    INPUT = "IN"

    OUT = Reg(0x504)
    OUTSET = Reg(0x508, W1S)
    OUTCLR = Reg(0x50C, W1C)
    IN = Reg(0x510, RO)


class _Config(Block):
    # Of one pin: 4 bytes further for the next.
    PIN_CNF = Reg(0x700, DIR=Field(0), INPUT=Field(1), PULL=Field(2, 2), DRIVE=Field(8, 3), SENSE=Field(16, 2))


class _Channel(Block):
    # One of the four of GPIOTE: 4 bytes further for the next.
    EVENTS_IN = Reg(0x100)
    CONFIG = Reg(0x510, MODE=Field(0, 2), PSEL=Field(8, 5), POLARITY=Field(16, 2))


class _Enable(Block):
    # The interrupts of GPIOTE.
    INTENSET = Reg(0x304, W1S, IN=Field(0, count=4))
    INTENCLR = Reg(0x308, W1C, IN=Field(0, count=4))


PORT = Gpio

_PINS = const(31)
_CHANNELS = const(4)
_EVENT = const(1)  # in CONFIG.MODE
_DISCONNECTED = const(1)  # in PIN_CNF.INPUT
_ANALOG = (26, 27, 1, 2, 3, 4, 5, 6)  # AIN0 to AIN7
_PULLS = {None: 0, "down": 1, "up": 3}
_DRIVES = {"low": 0, "medium": 0, "high": 3, "highest": 3}  # S0S1, H0H1
_OPEN_DRIVES = {"low": 6, "medium": 6, "high": 7, "highest": 7}  # S0D1, H0D1

_owners: dict = {}  # (base address, channel) -> who has it


class NoChannel(Exception):
    """All channels of GPIOTE watch pins; the message names whose."""


def port(base, uses):
    """Return the `Port` at `base`. uses: the base of GPIOTE ("edges")."""
    return Port(base, uses)


class Port:
    """How the pins are configured. registers: of the port. bus: in place of the real one. Callers: the main context."""

    def __init__(self, base, uses, bus=None):
        self.registers = Gpio(base, bus)
        self._uses = uses
        self._bus = bus

    def check(self, bit, state):
        """Raise ValueError for a pin that there is not, an alternate one, and an analog one outside of AIN0 to AIN7."""
        if not 0 <= bit < _PINS:
            raise ValueError("there are pins 0 to %d, not %r" % (_PINS - 1, bit))
        if state == "alternate":
            raise ValueError("pins have no alternate functions: a peripheral selects its pins itself")
        if state == "analog" and bit not in _ANALOG:
            raise ValueError("pin %d is no analog pin: %s are" % (bit, ", ".join(map(str, sorted(_ANALOG)))))

    def configure(self, bit, state, pull=None, initial=0, open_drain=False, speed="low", function=0):
        """Bring a pin into a state: "input", "output" or "analog", without a level in between that neither the old
        nor the new state has. speed: "high" and "highest" are the high drive. Raises ValueError for what there is not.
        """
        for what, known, chosen in (("pull", _PULLS, pull), ("speed", _DRIVES, speed)):
            if chosen not in known:
                raise ValueError("a pin's %s is one of %s, not %r" % (what, ", ".join(map(repr, known)), chosen))
        drives = state == "output"
        control = self._control(bit).encode(
            DIR=drives, INPUT=_DISCONNECTED if state == "analog" else 0, PULL=_PULLS[pull],
            DRIVE=(_OPEN_DRIVES if open_drain else _DRIVES)[speed]
        )  # fmt: skip
        self._set(bit, control, initial, drives)

    def found(self, bit):
        """Return how a pin is configured, for `restore`."""
        return self._control(bit).read(), self.registers.OUT.read() >> bit & 1

    def restore(self, bit, found):
        """Configure a pin as it was found."""
        control, level = found
        self._set(bit, control, level, control & 1)

    def edges(self, bit, load):
        """Return a pin's edges, as `corten.pin_edges` needs them. Raises NoChannel."""
        return PinEdges(self._uses["edges"], bit, self._bus)

    def _control(self, bit):
        return _Config(self.registers.base + 4 * bit, self._bus).PIN_CNF

    def _set(self, bit, control, level, drives):
        latch, register = atomic(self.registers.OUT), self._control(bit)
        store = latch.set if level else latch.clear
        # A 1 comes last where the pin drives already: it may be one that drives before, and lets go after.
        level_first = drives and not (level and register.DIR.get())
        if level_first:
            store(1 << bit)
        register.write(control)
        if not level_first:
            store(1 << bit)


class PinEdges:
    """The edges of one pin, as `corten.pin_edges` needs them. The hardware latches one.

    interrupt: the name of the line that interrupts. flag: (address, mask) of what says that there was an edge; clear:
    (address, word) of the store that forgets it. Raises NoChannel.
    """

    interrupt = "GPIOTE"

    def __init__(self, base, bit, bus=None):
        taken = {channel: owner for (each, channel), owner in _owners.items() if each == base}
        free = [channel for channel in range(_CHANNELS) if channel not in taken]
        if not free:
            raise NoChannel("GPIOTE's channels watch %s" % ", ".join(sorted(taken.values())))
        self._bit = bit
        self._key = base, free[0]
        self._channel = _Channel(base + 4 * free[0], bus)
        self._enable = _Enable(base, bus)
        self.flag = (self._channel.EVENTS_IN.address, 1)
        self.clear = (self._channel.EVENTS_IN.address, 0)

    def start(self, rising, falling, owner):
        """Interrupt at these edges from now on. owner: the pin's name."""
        _owners[self._key] = owner
        polarity = (1 if rising else 0) | (2 if falling else 0)  # LoToHi, HiToLo, Toggle
        self._channel.CONFIG.write(MODE=_EVENT, PSEL=self._bit, POLARITY=polarity)
        self._channel.EVENTS_IN.write(0)  # the configuration itself may make one
        self._enable.INTENSET.write(1 << self._key[1])

    def stop(self):
        """No longer interrupt. Harmless when repeated."""
        if _owners.pop(self._key, None) is None:
            return
        self._enable.INTENCLR.write(1 << self._key[1])
        self._channel.CONFIG.write(0)
        self._channel.EVENTS_IN.write(0)
