"""Pins whose state is their type: what a state does not have does not exist on it.

    led = board.LED.into_output()               # or board.take("PA5").into_output(initial=1, open_drain=True)
    led.on(); led.off(); led.toggle(); led.write(1); led.read()
    button = board.BUTTON.into_input(pull="up")
    button.read()
    pressed = button.edges(falling=True, debounce_ms=20)

`take` gives an `Unconfigured`. Each `into_…` makes a handle of the new state out of the old one, which is dead from
then on: whatever is called on it, also by a function or bound method that was fetched before, raises UseAfterMove.
`close`, the end of a `with` block, the resource's `release` and a soft reset put the pin back as it was found.

Pins meet MicroPython's pin protocol: `value([x])`, `on`, `off`, calls, `init`, `irq`, and the constants IN, OUT and
so on with the values that they have on an RP2040; where the runtime has `machine.PinBase` they are of that type, so
machine.Signal, SoftI2C and SoftSPI take them. `init` cannot change a state: on an input, `init(Pin.OUT)` raises
ValueError. `into_flexible` makes a pin for a driver that changes directions itself.

Callers: the main context; making a handle allocates. on, off, toggle, write, read, value: any context, and they
allocate nothing where the runtime is known (`corten.c_function`): then each write is one store, each read one load, a
toggle a load and a store with interrupts masked, or one store where the hardware has a toggle.
"""

import machine
import micropython

from corten.atomic import atomic
from corten.critical import critical
from corten.interpreter import UnknownRuntime
from corten.owned import Handle


class _NoPinBase:
    # Of a runtime that has no such type.
    pass


_PinBase = getattr(machine, "PinBase", _NoPinBase)
_NOTHING = object()
_PULLS = {None: None, -1: None, 1: "up", 2: "down"}


class UseAfterMove(RuntimeError):
    """The handle became another one, or was released; the message says which."""


class Pin(_PinBase, Handle):  # type: ignore[valid-type, misc]  # PinBase first: of the others C code knows nothing
    """What all states have in common. resource: the pin's owner entry, `board.NAME` for one of the board's."""

    STATE = ""
    IN, OUT, OPEN_DRAIN, ALT, ANALOG = 0, 1, 2, 3, 4
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_FALLING, IRQ_RISING = 4, 8

    def __init__(self, resource, port, found, options=None):
        Handle.__init__(self, resource)
        self._port = port
        self._found = found
        self._gone = None
        self._options: dict = options or {}  # what it was configured with
        self._functions: list = []

    def into_input(self, pull=None):
        """Return the pin as an `Input`. pull: None, "up" or "down".

        This and the other `into_…` raise ValueError for what the pin cannot be, and leave it as it is then.
        """
        return self._into(Input, pull=pull)

    def into_output(self, initial=0, open_drain=False, speed="low", pull=None):
        """Return the pin as an `Output`. initial: its level from the first moment on. open_drain: a 1 lets go of the
        line. speed: of its edges, "low", "medium", "high" or "highest". pull: as for an input."""
        return self._into(Output, initial=initial, open_drain=open_drain, speed=speed, pull=pull)

    def into_alternate(self, function, open_drain=False, speed="low", pull=None):
        """Return the pin as an `Alternate`: a peripheral's. function: the number of the alternate function."""
        return self._into(Alternate, function=function, open_drain=open_drain, speed=speed, pull=pull)

    def into_analog(self):
        """Return the pin as an `Analog`: its digital part is off."""
        return self._into(Analog)

    def into_flexible(self, pull=None):
        """Return the pin as a `corten.flexible_pin.Flexible`: an input, until its `init` says something else."""
        from corten.flexible_pin import Flexible

        return self._into(Flexible, pull=pull)

    def close(self):
        """Put the pin back as it was found and release it. Harmless when repeated, and on a handle that was moved."""
        if self._end("was released"):
            try:
                self._leave()
                self._revoke()
                self._port.restore(self.resource.bit, self._found)
            finally:
                Handle.close(self)

    def _into(self, kind, **options):
        self._check()
        bit = self.resource.bit
        self._port.check(bit, kind.STATE)
        made = kind(self.resource, self._port, self._found, options)
        before = self._port.found(bit)
        if not self._end("was moved: it is an %s now" % kind.__name__):
            self._refuse()
        self._pause()
        try:
            self._port.configure(bit, kind.STATE, **options)
            self.resource.replace(made)
        except BaseException as error:
            if not isinstance(error, ValueError):  # which a driver raises before it changes anything
                self._port.restore(bit, before)
            self._gone = None
            self._resume()
            raise
        self._leave()
        self._revoke()
        return made

    def _pause(self):
        # What must not see that the pin gets another state, until `_resume` or `_leave`.
        pass

    def _resume(self):
        pass

    def _leave(self):
        # What ends with the state.
        pass

    @micropython.native
    def _end(self, why):
        # Returns whether this ended the handle. Native code: of a callback that moves it as well, one is the first.
        if self._gone is not None:
            return False
        self._gone = why
        return True

    def _revoke(self):
        if self._functions:
            from corten.c_function import revoke_all

            revoke_all(self._functions, self._refuse)

    def _check(self):
        if self._gone is not None:
            self._refuse()

    def _refuse(self, *arguments):
        raise UseAfterMove("%s, as %s, %s" % (self.resource.name, type(self).__name__, self._gone))

    def _have(self, most, names, template, *parameters):
        # Puts a function of machine code in front of methods of these names; where there can be none, they do the work.
        try:
            from corten import pin_code
            from corten.c_function import c_function

            function = c_function(getattr(pin_code, template), *parameters, most=most)
        except UnknownRuntime:
            return
        self._functions.append(function)
        for name in names:
            setattr(self, name, function)

    def __repr__(self):
        return "<%s %s%s>" % (type(self).__name__, self.resource.name, " (%s)" % self._gone if self._gone else "")


class Unconfigured(Pin):
    """A pin that was taken, and is as it was found. Made by `Pin.take` of `corten.peripheral`, or `board.take`."""

    def __init__(self, resource, port):
        super().__init__(resource, port, port.found(resource.bit))


class Alternate(Pin):
    """A pin that a peripheral of the chip drives or reads."""

    STATE = "alternate"


class Analog(Pin):
    """A pin for an analog peripheral."""

    STATE = "analog"


class _Level(Pin):
    # A pin with a level. address, mask: where its register INPUT, or else OUTPUT, has it.
    def __init__(self, resource, port, found, options=None):
        super().__init__(resource, port, found, options)
        self._level, self._level_mask = level(port.registers, resource.bit)

    def read(self):
        """Return the level of the line: 0 or 1."""
        self._check()
        return 1 if self._level.read() & self._level_mask else 0

    def value(self):
        """As `read`: MicroPython's pin protocol."""
        return self.read()

    def __call__(self):
        """As `read`."""
        return self.value()

    def _check_mode(self, mode, pull, known):
        self._check()
        if mode not in (-1, None) + known:
            raise ValueError("%s is an %s and stays one: see into_flexible" % (self.resource.name, type(self).__name__))
        if pull not in _PULLS:
            raise ValueError("a pull is PULL_UP, PULL_DOWN or None, not %r" % (pull,))
        return _PULLS[pull]


class Input(_Level):
    """A pin that is read."""

    STATE = "input"

    def __init__(self, resource, port, found, options=None):
        super().__init__(resource, port, found, options)
        self._edges = None
        self._have(0, ("read", "value"), "read_level", self._level.address, self._level_mask)

    def edges(self, rising=False, falling=False, debounce_ms=0, then=None):
        """Count the line's edges from now on: return the `corten.pin_edges.Edges`, which says more.

        Another call ends the first one's counting. Raises ValueError if neither edge is chosen or the port has no
        interrupts, and what the port's driver raises when another pin has the interrupt.
        """
        self._check()
        from corten.pin_edges import Edges

        self._leave()
        self._edges = Edges(self.resource, self._port, (rising, falling), debounce_ms, then)
        return self._edges

    def irq(self, handler=None, trigger=Pin.IRQ_FALLING | Pin.IRQ_RISING, priority=None, hard=False):
        """Have `handler(pin)` called for each edge, as `machine.Pin.irq` does: in the main context, or with `hard` in
        the interrupt. priority: of the line, which pins may share; as `corten.irq` counts. A handler of None ends it.
        Returns the `Edges`, or None. Raises as `edges`."""
        self._check()
        from corten.pin_edges import calling

        if handler is None:
            self._leave()
            return None
        rising, falling = bool(trigger & Pin.IRQ_RISING), bool(trigger & Pin.IRQ_FALLING)
        edges = self.edges(rising, falling, then=calling(handler, self, hard))
        if priority is not None:
            try:
                edges.interrupt.priority = priority
            except ValueError:
                self._leave()
                raise
        return edges

    def init(self, mode=-1, pull=-1):
        """Take another pull: MicroPython's pin protocol. Raises ValueError for a mode other than IN."""
        chosen = self._check_mode(mode, pull, (Pin.IN,))
        if pull != -1:
            self._port.configure(self.resource.bit, "input", pull=chosen)

    def _pause(self):
        if self._edges is not None:
            self._edges.pause()

    def _resume(self):
        if self._edges is not None:
            self._edges.resume()

    def _leave(self):
        if self._edges is not None:
            self._edges.stop()
            self._edges = None


class Output(_Level):
    """A pin that is driven. address, mask: its bit in the register of the levels that are driven."""

    STATE = "output"

    def __init__(self, resource, port, found, options=None):
        super().__init__(resource, port, found, options)
        self.mask = 1 << resource.bit
        self._choose(self._options.get("open_drain"))
        self._compile()

    def _choose(self, open_drain):
        self._register = driven(self._port.registers, open_drain)
        self._atomic = atomic(self._register)
        self.address = self._register.address

    def on(self):
        """Drive it to 1; an open drain lets go of the line."""
        self._check()
        self._atomic.set(self.mask)

    def off(self):
        """Drive it to 0."""
        self._check()
        self._atomic.clear(self.mask)

    def write(self, value):
        """Drive it to 1 if `value` is true, else to 0."""
        if value:
            self.on()
        else:
            self.off()

    def toggle(self):
        """Drive it to the other level."""
        self._check()
        if self._atomic.toggles():
            self._atomic.toggle(self.mask)
            return
        with critical:
            self.write(not self._register.read() & self.mask)

    def value(self, level=_NOTHING):
        """As `read`, and where there is an argument, as `write`."""
        return self.read() if level is _NOTHING else self.write(level)

    def __call__(self, level=_NOTHING):
        """As `value`."""
        return self.value() if level is _NOTHING else self.value(level)

    def init(self, mode=-1, pull=-1, value=None):
        """Take another pull, and a level: MicroPython's pin protocol. Raises ValueError for a mode that it is not."""
        chosen = self._check_mode(mode, pull, (Pin.OPEN_DRAIN if self._options["open_drain"] else Pin.OUT,))
        if value is not None:
            self.write(value)
        if pull != -1:
            with critical:  # a handler that drives the pin as well comes before or after
                driven = self._register.read() & self.mask
                self._options.update(pull=chosen, initial=driven)
                self._port.configure(self.resource.bit, self.STATE, **self._options)

    def _compile(self):
        none = id(None)
        stores = self._atomic.stores(self.mask)
        where = (self._level.address, self._level_mask)
        levels = stores[0] + stores[1]
        self._have(0, ("on",), "store", *stores[0], none)
        self._have(0, ("off",), "store", *stores[1], none)
        if len(stores) > 2:
            self._have(0, ("toggle",), "store", *stores[2], none)
        else:
            self._have(0, ("toggle",), "toggle", self.address, self.mask, *levels, none)
        self._have(0, ("read",), "read_level", *where)
        if self._functions:
            from corten.interpreter import truth

            self._have(1, ("value",), "level", *where, *levels, none, truth())


def driven(registers, open_drain):
    """Return the register of a port that has the levels of its outputs, or of those that are open drains."""
    return getattr(registers, (open_drain and registers.OPEN_DRAIN) or registers.OUTPUT)


def level(registers, bit):
    """Return the register of a port that has a pin's level, and the pin's mask in it."""
    first = registers.INPUT_FIRST
    if registers.INPUT and bit >= first:
        return getattr(registers, registers.INPUT), 1 << bit - first
    return getattr(registers, registers.OUTPUT), 1 << bit
