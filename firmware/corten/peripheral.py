"""What the module `board` offers: peripherals and pins, each to one owner.

The generated `board` module makes one `Peripheral` or `Pin` for each thing on the board. Making them touches nothing;
the driver is imported when they are taken. From then until the release their clocks run, and a peripheral starts from
its reset state and has its pins.

Callers: the main context. Taking allocates.
"""

from corten.owned import AlreadyTaken, Handle, Resource

__all__ = ["AlreadyTaken", "Peripheral", "Pin", "take"]


def _driver(block, name):
    # All drivers build on it; an import inside an import takes much stack, of which a Pico has 8 KiB.
    __import__("corten.critical")
    try:
        return __import__("corten.drivers." + block, None, None, (name,))
    except ImportError as error:
        reason = error
    raise ImportError("no driver for block %s: %s" % (block, reason))


class _Instance(Resource):
    # What peripherals and pins have in common: an IP block's instance, and the gates of its clocks.
    def __init__(self, name, block, base, uses, gates):
        super().__init__(name)
        self.block = block
        self.base = base
        self.uses = uses or {}
        self._gates = gates
        self._opened: list = []

    def _open_gates(self):
        for gate in self._gates:
            from corten.clock_gate import open_gate

            open_gate(gate)
            self._opened.append(gate)

    def _put_back(self):
        while self._opened:
            from corten.clock_gate import close_gate

            close_gate(self._opened.pop())

    def __repr__(self):
        return "<%s, %s at 0x%08x, %s>" % (self.name, self.block, self.base, self.owner or "free")


class Peripheral(_Instance):
    """An IP block's instance.

    name: as on the board. block: the driver's module. base: its address. clock_hz: of its kernel clock. irq: names of
    its interrupts -> external line numbers. uses: base addresses of what else its driver needs, by what it is to it.
    gates: of its clocks, reset: its reset line, as `corten.clock_gate` has them. pins: role -> (a pin's name, number of
    the alternate function).
    """

    def __init__(self, name, block, base, clock_hz, irq=None, uses=None, gates=(), reset=None, pins=None):
        super().__init__(name, block, base, uses, gates)
        self.clock_hz = clock_hz
        self.irq = irq or {}
        self._reset = reset
        self._pins = pins or {}
        self._taken_pins: list = []

    def open(self, *args, owner=None, **options):
        """Take it and return its driver's handle; the arguments are those of the driver's `open`.

        owner: who takes it, for the message of the next one. Raises AlreadyTaken, ImportError if there is no driver
        for the block, and what the driver raises, after which it is free again.
        """
        _driver(self.block, "open")  # from here it takes less stack than from below
        return self._take(owner, lambda: self._open(args, options))

    def take(self, owner=None):
        """Take it without opening it: return a handle that can. Raises AlreadyTaken."""
        return self._take(owner, lambda: Reserved(self))

    def _open(self, args, options):
        if self.irq:
            # Ahead of the driver, which imports them in its turn: each level of imports takes 0.6 kB of the stack, of
            # which a port may have 8.
            from corten import critical, irq  # noqa: F401
        driver = _driver(self.block, "open")
        self._open_gates()
        self._pulse_reset()
        for name, function in self._pins.values():
            import board

            pin = board.take(name, self.name)
            self._taken_pins.append((pin.resource, pin.resource.claim))
            pin.into_alternate(function)
        return driver.open(self, *args, **options)

    def _pulse_reset(self):
        if self._reset:
            from corten.clock_gate import pulse_reset

            pulse_reset(self._reset)

    def _put_back(self):
        while self._taken_pins:
            pin, claim = self._taken_pins.pop()
            pin.release(claim)
        if self._opened:
            self._pulse_reset()
        super()._put_back()


class Reserved(Handle):
    """A peripheral that is taken and not open yet."""

    def open(self, *args, **options):
        """Return its driver's handle, which takes the place of this one; as `Peripheral.open`. Raises AlreadyTaken."""
        peripheral = self.resource
        if peripheral._handle is not self:
            raise AlreadyTaken("%s was opened or released already; take it anew" % peripheral.name)
        try:
            return peripheral.replace(peripheral._open(args, options))
        except BaseException:
            peripheral.release()
            raise

    def close(self):
        """Release it, unless it was opened. Harmless when repeated."""
        peripheral = self.resource
        if peripheral._handle is self:
            peripheral.replace(None)
            peripheral.release()


class Pin(_Instance):
    """One pin of a port.

    name: as on the board. block: the driver's module. base: of the port. bit: in the port. uses, gates: as above.
    """

    def __init__(self, name, block, base, bit, uses=None, gates=()):
        super().__init__(name, block, base, uses, gates)
        self.bit = bit

    def take(self, owner=None):
        """Take it and return a `corten.pin.Unconfigured`. owner: for the message of the next one. Raises AlreadyTaken,
        ImportError if there is no driver for the port."""
        return self._take(owner, self._open)

    def into_output(self, owner=None, **options):
        """Take it as an output, as `take(owner).into_output(**options)`."""
        return self._take(owner, lambda: self._open().into_output(**options))

    def into_input(self, owner=None, **options):
        """Take it as an input, as `take(owner).into_input(**options)`."""
        return self._take(owner, lambda: self._open().into_input(**options))

    def _open(self):
        from corten.pin import Unconfigured

        driver = _driver(self.block, "port")
        self._open_gates()
        return Unconfigured(self, driver.port(self.base, self.uses))


def take(offers, ports, name, owner):
    """What `board.take` does. offers: name -> what the board offers. ports: a list for each port of the chip: the
    prefix of its pins' names, their number, block, base, uses, gates.

    Raises ValueError for a name that there is not, AlreadyTaken.
    """
    found = offers.get(name) or _chip_pin(offers, ports, name)
    if found is None:
        pins = ["%s0 to %s%d" % (prefix, prefix, count - 1) for prefix, count, *_ in ports]
        raise ValueError("%r is not on this board; there are %s" % (name, ", ".join(sorted(offers) + pins)))
    return found.take(owner)


def _chip_pin(offers, ports, name):
    for prefix, count, block, base, uses, gates in ports:
        number = name[len(prefix) :]
        if not name.startswith(prefix) or not number.isdigit() or int(number) >= count:
            continue
        for each in offers.values():
            if isinstance(each, Pin) and each.base == base and each.bit == int(number):
                return each
        return offers.setdefault(name, Pin(name, block, base, int(number), uses, gates))
    return None
