"""What the firmware rests on, modelled for the host: the interrupt mask, IPSR, and a bus with devices on it."""


class Processor:
    """PRIMASK."""

    primask = 0


def _mask():
    found = Processor.primask
    Processor.primask = 1
    return found


def _restore(found):
    Processor.primask = found


def _exception():
    return 0  # the main context: the host has no other


ASSEMBLY = {"_mask": _mask, "_restore": _restore, "exception": _exception}


class Bus:
    """Memory from `base` on, reached by words of one width each; it remembers every access.

    Subclasses model a device: `on_write` returns what the bytes hold after a write.
    """

    def __init__(self, base, size):
        self.base = base
        self.memory = bytearray(size)
        self.log = []
        self.mem8, self.mem16, self.mem32 = _Port(self, 1), _Port(self, 2), _Port(self, 4)

    def word(self, offset):
        return int.from_bytes(self.memory[offset : offset + 4], "little")

    def on_write(self, offset, value):
        return value


class _Port:
    def __init__(self, bus, width):
        self._bus = bus
        self._width = width

    def __getitem__(self, address):
        offset = self._offset(address)
        value = int.from_bytes(self._bus.memory[offset : offset + self._width], "little")
        self._bus.log.append(("read", 8 * self._width, address, value))
        return value - (1 << 32) if self._width == 4 and value >> 31 else value  # as MicroPython's mem32 does

    def __setitem__(self, address, value):
        offset = self._offset(address)
        value &= (1 << 8 * self._width) - 1
        self._bus.log.append(("write", 8 * self._width, address, value))
        stored = self._bus.on_write(offset, value)
        self._bus.memory[offset : offset + self._width] = stored.to_bytes(self._width, "little")

    def _offset(self, address):
        offset = address - self._bus.base
        assert address % self._width == 0, f"unaligned access at {address:#x}"
        assert 0 <= offset <= len(self._bus.memory) - self._width, f"nothing is at {address:#x}"
        return offset
