"""Owned peripherals: each can be taken once.

The generated `board` module makes one `Peripheral` or `Pin` for each thing on the board. Making them touches nothing;
the driver is imported when they are opened.

Callers: the main context. Opening allocates.
"""


class AlreadyTaken(Exception):
    """The peripheral or pin has an owner; the message names it."""


def _driver(block):
    try:
        return __import__("corten.drivers." + block, None, None, ("open",))
    except ImportError as error:
        reason = error
    raise ImportError("no driver for block %s: %s" % (block, reason))


class _Owned:
    def __init__(self, name, block, base):
        self.name = name
        self.block = block
        self.base = base
        self.owner = None
        self._handle = None

    def _take(self, owner, make):
        if self.owner is not None:
            raise AlreadyTaken("%s is already taken by %s; release it there first" % (self.name, self.owner))
        self.owner = owner or "an owner that gave no name"
        try:
            self._handle = make()
        except BaseException:
            self.owner = None
            raise
        return self._handle

    def release(self):
        """Give it back: the open handle is closed, if it can be, and the next `open` succeeds."""
        handle = self._handle
        self._handle = None
        self.owner = None
        if handle is not None and hasattr(handle, "close"):
            handle.close()

    def __repr__(self):
        return "<%s, %s at 0x%08x, %s>" % (self.name, self.block, self.base, self.owner or "free")


class Peripheral(_Owned):
    """An IP block's instance.

    name: as in the chip's data. block: the driver's module. base: its address. clock_hz: of its kernel clock.
    irq: names of its interrupts -> external line numbers.
    """

    def __init__(self, name, block, base, clock_hz, irq=None):
        super().__init__(name, block, base)
        self.clock_hz = clock_hz
        self.irq = irq or {}

    def open(self, *args, owner=None, **options):
        """Take it and return its driver's handle; the arguments are those of the driver's `open`.

        owner: who takes it, for the message of the next one. Raises AlreadyTaken, ImportError if there is no driver
        for the block, and what the driver raises, after which it is free again.
        """
        return self._take(owner, lambda: _driver(self.block).open(self, *args, **options))


class Pin(_Owned):
    """One bit of a port. name: as on the board. block: the driver's module. base: of the port. bit: in the port."""

    def __init__(self, name, block, base, bit):
        super().__init__(name, block, base)
        self.bit = bit

    def into_output(self, owner=None):
        """Take it and return a handle with `on()`, `off()`, `toggle()` and `value()`. Raises as `Peripheral.open`."""
        return self._take(owner, lambda: _driver(self.block).output(self))
