"""Banks: runs of coils, inputs or registers with addresses that follow each other.

Each has `first`, the address of its first item, `size`, the number of its items, and

    read(at, quantity, buffer, to)      store items into a buffer from index `to` on: bits as Modbus packs them, or
                                        registers of two bytes, the high one first
    write(at, quantity, buffer, of)     take items from the buffer's index `of` on
    allows(at, quantity, buffer, of)    whether registers may be written with these values

with `at` counted from the bank's first item. The server sees to it that all items are there.

Callers: any context, one at a time. They allocate when they are made, and never again.
"""

import micropython
from bits import copy_bits, copy_bytes
from counts import put

from corten.wire.modbus_rtu import number_at, put_number


class Flags:
    """Bits in RAM, 0 at first."""

    def __init__(self, first, size):
        self.first = first
        self.size = size
        self._bits = bytearray(size + 7 >> 3)

    @micropython.native
    def read(self, at, quantity, buffer, to):
        """Copy bits out."""
        copy_bits(self._bits, at, buffer, 8 * to, quantity)

    @micropython.native
    def write(self, at, quantity, buffer, of):
        """Copy bits in."""
        copy_bits(buffer, 8 * of, self._bits, at, quantity)


class Pins:
    """Handles of pins; those to be written are outputs."""

    def __init__(self, first, pins):
        self.first = first
        self.size = len(pins)
        self._pins = pins

    @micropython.native
    def read(self, at, quantity, buffer, to):
        """Read the pins."""
        for number in range(quantity):
            value = self._pins[at + number].value()
            byte, bit = to + (number >> 3), 1 << (number & 7)
            buffer[byte] = buffer[byte] | bit if value else buffer[byte] & ~bit

    @micropython.native
    def write(self, at, quantity, buffer, of):
        """Set the pins, the first one first."""
        for number in range(quantity):
            pin = self._pins[at + number]
            if buffer[of + (number >> 3)] >> (number & 7) & 1:
                pin.on()
            else:
                pin.off()


class Words:
    """Registers in RAM, 0 at first, which take any value."""

    def __init__(self, first, size):
        self.first = first
        self.size = size
        self._bytes = bytearray(2 * size)

    @micropython.native
    def read(self, at, quantity, buffer, to):
        """Copy registers out."""
        copy_bytes(self._bytes, 2 * at, buffer, to, 2 * quantity)

    @micropython.native
    def write(self, at, quantity, buffer, of):
        """Copy registers in."""
        copy_bytes(buffer, of, self._bytes, 2 * at, 2 * quantity)

    @micropython.native
    def allows(self, at, quantity, buffer, of):
        """Return True."""
        return True


class Figures:
    """Counters to be read: two registers each, the high one first.

    sources: pairs of an array of words and an index in it. Read both registers of a counter by one request: a second
    one may see a later count.
    """

    def __init__(self, first, sources):
        self.first = first
        self.size = 2 * len(sources)
        self.sources = sources
        self._bytes = bytearray(2 * self.size)

    @micropython.native
    def read(self, at, quantity, buffer, to):
        """Copy what the counters are now."""
        for number in range(at >> 1, at + quantity + 1 >> 1):
            words, index = self.sources[number]
            put(words, index, self._bytes, 4 * number)
        copy_bytes(self._bytes, 2 * at, buffer, to, 2 * quantity)


class Settings:
    """Registers that hold one of a few values each, and tell of it when one is written.

    allowed: of each register, the values that there are: anything with `in`. values: the first ones, a list.
    written: grows by one with each write, modulo 256.
    """

    def __init__(self, first, allowed, values):
        self.first = first
        self.size = len(allowed)
        self.values = values
        self.written = 0
        self._allowed = allowed

    @micropython.native
    def read(self, at, quantity, buffer, to):
        """Store the values that were written last."""
        for number in range(quantity):
            put_number(buffer, to + 2 * number, self.values[at + number])

    @micropython.native
    def allows(self, at, quantity, buffer, of):
        """Whether each value is one of those that its register may have."""
        for number in range(quantity):  # noqa: SIM110 - a generator would be a heap object
            if number_at(buffer, of + 2 * number) not in self._allowed[at + number]:
                return False
        return True

    @micropython.native
    def write(self, at, quantity, buffer, of):
        """Keep the values."""
        for number in range(quantity):
            self.values[at + number] = number_at(buffer, of + 2 * number)
        self.written = self.written + 1 & 0xFF
