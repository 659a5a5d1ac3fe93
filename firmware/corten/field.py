"""A field of a live register, as an attribute of it: `timer.CTRL.EN.get()`.

Where the runtime has a compiler with the viper emitter, `get` and `set` of a field in real memory are compiled when it
is first named: that takes about 1 KiB of heap and makes each call three times as fast. What they refuse goes to the
plain methods, which say why.

Callers: as in `corten.register`.
"""

import sys

from corten.register import KIND, RO, WO, _bits, _refuse

_COMPILED = """
@micropython.viper
def get() -> uint:
    a = %d
    return uint(ptr%d(a << 16 | %d)[0]) >> %d & %d

@micropython.viper
def set(value):
    if value & (%d,)[0]:
        plain(value)
    else:
        a = %d
        keep = %d
        p = ptr%d(a << 16 | %d)
        p[0] = p[0] & (keep << 16 | %d) | int(value) << %d
"""
_WIDEST = 29  # bits of a value that is a small integer


def field(register, name):
    """Return the field `name` of a live register, a `Bits`, or a `Fields` where it is an array."""
    found = register._is[3].get(name)
    if found is not None and found & 31 << 10:
        return Fields(register, name, found)
    return Bits(register, name, register._find(name))


class Fields:
    """An array of fields of a live register: `gpio.MODER.MODE[5].set(1)`. Indices are those of the fields' names."""

    def __init__(self, register, name, field):
        self._register = register
        self._name = name
        self._first = field >> 25
        self._made: "list[Bits | None]" = [None] * ((field >> 10 & 31) + 1)

    def __len__(self):
        return len(self._made)

    def __getitem__(self, index):
        position = index - self._first
        if not 0 <= position < len(self._made):
            label = "%s.%s" % (self._register._label(), self._name)
            last = self._first + len(self._made) - 1
            raise IndexError("%s has the elements %d to %d, not %r" % (label, self._first, last, index))
        made = self._made[position]
        if made is None:
            name = "%s%d" % (self._name, index)
            made = self._made[position] = Bits(self._register, name, self._register._find(name))
        return made


class Bits:
    """One field. bit: its lowest bit. width: in bits. mask: its bits in the register."""

    def __init__(self, register, name, field):
        self._register = register
        self._name = name
        self._field = field
        self.bit = field & 31
        self.width = (field >> 5 & 31) + 1
        self.mask = _bits(field)
        if register._block.bus is None:
            self._compile()

    def get(self):
        """Return the field's value, shifted down to bit 0. One bus read. Raises AccessError if it is write-only."""
        register = self._register
        if not self._is_readable():
            _refuse("read", register, self._name)
        return register._memory[register.address] >> self.bit & self.mask >> self.bit

    def set(self, value):
        """Change the field to `value` and no other bit: one read, one write. Raises as `Reg.modify` does."""
        self._check(value)
        self._register._update(self.mask, value << self.bit, 0)

    def clear(self):
        """Change the field to 0 and no other bit: one read, one write. Raises as `Reg.modify` does."""
        self.set(0)

    def toggle(self):
        """Invert the field's bits and no other: one read, one write. Raises as `Reg.modify` does."""
        self._check(0)
        self._register._update(0, 0, self.mask)

    def _check(self, value):
        if self._access() == RO or not 0 <= value < 1 << self.width:
            _refuse("value", self._register, self._name, self._field, value)

    def _access(self):
        return self._field >> 20 & KIND or self._register._is[1] & KIND

    def _compile(self):
        if sys.implementation.name != "micropython" or self.width > _WIDEST:
            return
        register = self._register
        high, low = register.address >> 16, register.address & 0xFFFF
        keep = 0xFFFF_FFFF & ~self.mask
        largest = self.mask >> self.bit
        size = register.width
        getter = (high, size, low, self.bit, largest)
        setter = (~largest, high, keep >> 16, size, low, keep & 0xFFFF, self.bit)
        made = {"plain": self.set}
        try:
            exec(_COMPILED % (getter + setter), made)
        except (NameError, SyntaxError, MemoryError):  # no compiler, no viper emitter, no room for them
            return
        if self._is_readable():
            setattr(self, "get", made["get"])  # noqa: B010 - mypy: methods are not assigned to
        if self._is_plain():
            setattr(self, "set", made["set"])  # noqa: B010

    def _is_readable(self):
        return WO not in (self._access(), self._register._is[1] & KIND)

    def _is_plain(self):
        # Whether a set is a read, a mask and a write, without flags that act on being written.
        return self._is_readable() and self._access() != RO and self._register._is[4] == (0, 0)
