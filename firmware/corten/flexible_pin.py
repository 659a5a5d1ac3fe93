"""A pin whose state is not its type, for a driver that changes directions itself by MicroPython's pin protocol.

    sensor = dht.DHT11(board.take("D7").into_flexible())

`init(mode, pull, value)` makes it an input, an output or an open drain as `machine.Pin.init` does. `value`, `on`,
`off`, calls, `read`, `write` and `toggle` act on the level that is driven, or would be: the caller knows which. Where
the directions stay, take an `Input` or an `Output`: a wrong use is then an error.

Callers: as of `corten.pin`.
"""

from corten.critical import critical
from corten.pin import _PULLS, Output, Pin

_STATES = {Pin.IN: "input", Pin.OUT: "output", Pin.OPEN_DRAIN: "output"}


class Flexible(Output):
    """A pin that `init` turns into what a driver asks for. Made by `into_flexible`; an input at first."""

    STATE = "input"

    def init(self, mode=-1, pull=-1, value=None):
        """Take a mode (IN, OUT or OPEN_DRAIN), a pull and a level; what is not given stays. Raises ValueError for
        another mode or pull, and changes nothing then."""
        self._check()
        options, bit = self._options, self.resource.bit
        chosen = options.get("mode", Pin.IN) if mode == -1 else mode
        if chosen not in _STATES:
            raise ValueError("a pin's mode is IN, OUT or OPEN_DRAIN, not %r" % (mode,))
        if pull != -1 and pull not in _PULLS:
            raise ValueError("a pull is PULL_UP, PULL_DOWN or None, not %r" % (pull,))
        pulled = options["pull"] if pull == -1 else _PULLS[pull]
        self._port.check(bit, _STATES[chosen])
        with critical:  # a handler that drives the pin as well comes before or after
            if value is None:
                value = self._register.read() & self.mask
            more = {"initial": value, "open_drain": chosen == Pin.OPEN_DRAIN} if chosen != Pin.IN else {}
            self._choose(more.get("open_drain"))
            self._port.configure(bit, _STATES[chosen], pull=pulled, **more)
            if chosen == Pin.IN:
                self.write(value)
        options.update(mode=chosen, pull=pulled)

    def _compile(self):
        # Where an open drain has a register of its own, the methods find it anew at each call.
        if not self._port.registers.OPEN_DRAIN:
            super()._compile()
