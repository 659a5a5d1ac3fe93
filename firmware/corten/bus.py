"""Several pins of one port as a number: all read at one moment, all written at one.

    data = OutputBus(board.take("PA4"), board.take("PA5"), board.take("PA6"), board.take("PA7"))
    data.write(0b1010)              # the first pin is bit 0
    keys = InputBus(board.take("PB0"), board.take("PB1"), pull="up")
    keys.read()

Making a bus moves the pins into it, as `into_output` and `into_input` move them: their handles are dead, their owners
stay. A read is one load. A write is one store: of a set/reset register where the port has one, else after a load with
interrupts masked. The pins that do not belong to it keep their levels, whoever else drives them.

Callers: the main context; making one allocates. `read` and `write`: any context; they allocate for ports' words of
2**30 or more.
"""

from corten.atomic import atomic
from corten.pin import Pin, UseAfterMove, driven, level


class _Member(Pin):
    # A pin that belongs to a bus. What takes it out of the bus ends the bus.
    bus: "InputBus | None" = None

    def _leave(self):
        if self.bus is not None:
            self.bus._lose(self)


class _InputMember(_Member):
    STATE = "input"


class _OutputMember(_Member):
    STATE = "output"


class InputBus:
    """Pins that are read together. pins: handles of pins of one port; the first is bit 0. options: as of `into_input`.

    Raises ValueError for pins of several ports, none or one twice, and as `into_input`; what was moved already is
    released then.
    """

    _KIND: type = _InputMember

    def __init__(self, *pins, **options):
        bits = [pin.resource.bit for pin in pins]
        if len({pin.resource.base for pin in pins}) != 1 or len(set(bits)) < len(bits):
            raise ValueError("a bus has pins of one port, each once: not %s" % ", ".join(p.resource.name for p in pins))
        self._gone = None
        self._members: list = []
        self._groups: list = []  # (mask in the bus's number, places that its bits are further up in the port)
        registers = pins[0]._port.registers
        self._level = level(registers, bits[0])[0]
        for index, bit in enumerate(bits):
            self._group(index, level(registers, bit)[1])
        try:
            for index, pin in enumerate(pins):
                member = pin._into(self._KIND, **self._options_of(index, options))
                member.bus = self
                self._members.append(member)
        except BaseException:
            self.close()
            raise

    def read(self):
        """Return the levels of the pins as one number."""
        self._check()
        found = self._level.read()
        value = 0
        for mask, shift in self._groups:
            value |= (found >> shift if shift >= 0 else found << -shift) & mask
        return value

    def close(self):
        """Release the pins; each is put back as it was found. Harmless when repeated."""
        self._gone = "was released"
        while self._members:
            member = self._members.pop()
            member.bus = None
            member.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        self.close()

    def _lose(self, member):
        # One of the pins was released, or moved.
        self._members.remove(member)
        self.close()

    def _check(self):
        if self._gone:
            raise UseAfterMove("the bus %s" % self._gone)

    def _options_of(self, index, options):
        return options

    def _group(self, index, mask):
        shift = -index
        while mask > 1:
            mask >>= 1
            shift += 1
        for number, (known, places) in enumerate(self._groups):
            if places == shift:
                self._groups[number] = (known | 1 << index, places)
                return
        self._groups.append((1 << index, shift))


class OutputBus(InputBus):
    """Pins that are driven together. initial: the number that they show first. options: as of `into_output`."""

    _KIND = _OutputMember

    def __init__(self, *pins, initial=0, **options):
        self._initial = initial
        self._width = len(pins)
        self._check_fits(initial)
        super().__init__(*pins, **options)
        self._atomic = atomic(driven(self._members[0]._port.registers, options.get("open_drain")))
        self._mask = sum(1 << member.resource.bit for member in self._members)

    def write(self, value):
        """Drive the pins to the bits of `value`. Raises ValueError if it has more bits than the bus."""
        self._check()
        self._check_fits(value)
        bits = 0
        for mask, shift in self._groups:
            bits |= (value & mask) << shift if shift >= 0 else (value & mask) >> -shift
        self._atomic.put(self._mask, bits)

    def _check_fits(self, value):
        if not 0 <= value < 1 << self._width:
            raise ValueError("the bus is %d bits wide, %r does not fit" % (self._width, value))

    def _options_of(self, index, options):
        made = dict(options)
        made["initial"] = self._initial >> index & 1
        return made
