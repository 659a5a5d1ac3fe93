"""Typed, volatile hardware registers.

    class Timer(Block):
        CTRL = Reg(0x00, RW, EN=Field(0), IRQ_EN=Field(3))
        VALUE = Reg(0x04)

    timer = Timer(base)
    timer.CTRL.modify(EN=1, IRQ_EN=1)

Each `read`, `get` and `write` is exactly one bus access of the declared width and `modify` is one read and one write;
nothing is cached, merged or repeated. All checks are made before the first access, so a call that raises has touched
nothing. Values are unsigned; one of 2**30 or more is a heap integer, so reading it allocates.

Callers: the main context and soft callbacks. The calls allocate (keyword arguments), so they are not for an interrupt
handler with the heap locked. `modify` is not atomic: where a handler writes the same register, hold `critical`.

Fields are named by keyword or by `get("EN")`, not by attribute, so that an access to the bus is always visible as a
call, and because stock MicroPython can hook neither attribute stores (no `__setattr__`) nor descriptors.
"""

import machine

RO = "read-only"
WO = "write-only"
RW = "read-write"
W1C = "write-1-to-clear"
W0C = "write-0-to-clear"  # STM32 status flags: rc_w0 in ST's manuals

_MODES = (RO, WO, RW, W1C, W0C)


class AccessError(Exception):
    """A write to what is read-only, a read of what is write-only, or the use of a register that has no address."""


class _NoBus:
    # Stands for the memory until a register is bound to an address.
    def __getitem__(self, address):
        raise AccessError("a register is used through an instance of its block: Timer(base).CTRL, not Timer.CTRL")

    def __setitem__(self, address, value):
        self[address]


_NO_BUS = _NoBus()


class Field:
    """Bits of a register.

    bit: the lowest bit. width: in bits. access: that of the register unless given.
    """

    def __init__(self, bit, width=1, access=None):
        if bit < 0 or width < 1:
            raise ValueError("a field needs bit >= 0 and width >= 1, got bit %d and width %d" % (bit, width))
        if access is not None and access not in _MODES:
            raise ValueError("a field's access is one of RO, WO, RW, W1C, W0C, not %r" % (access,))
        self.bit = bit
        self.width = width
        self.access = access
        self.mask = ((1 << width) - 1) << bit


class Reg:
    """A register: its definition in a `Block` class, and the live register in an instance of that block.

    offset: bytes from the block's base, aligned to the width. access: of the register and of the fields that give none.
    width: 8, 16 or 32 bits. reset: the value that `write(FIELD=…)` starts from. Fields are keyword arguments, so their
    names cannot be `offset`, `access`, `width`, `reset` or `value`.

    Raises ValueError for a definition that makes no sense.
    """

    def __init__(self, offset, access=RW, width=32, reset=0, **fields):
        if width not in (8, 16, 32):
            raise ValueError("a register is 8, 16 or 32 bits wide, not %r" % (width,))
        if offset < 0 or offset % (width // 8):
            raise ValueError("a register of %d bits cannot be at offset 0x%x" % (width, offset))
        if access not in _MODES:
            raise ValueError("a register's access is one of RO, WO, RW, W1C, W0C, not %r" % (access,))
        self.offset = offset
        self.access = access
        self.width = width
        self.mask = (1 << width) - 1
        self.reset = reset
        self.fields = fields
        self.address = None
        self._block = None
        self._name = None
        self._memory = _NO_BUS
        if not 0 <= reset <= self.mask:
            raise ValueError("%s: the reset value does not fit into %d bits" % (self._label(), width))
        self._read_zero = 0  # bits that a modify must not copy back: writing a 1 would act
        self._read_one = 0  # bits where a 0 would act
        self._writable = access != RO
        self._check_fields()

    def _check_fields(self):
        taken = 0
        for name, field in self.fields.items():
            if field.mask > self.mask:
                raise ValueError("%s: field %s lies outside its %d bits" % (self._label(), name, self.width))
            if field.mask & taken:
                raise ValueError("%s: field %s overlaps another one" % (self._label(), name))
            taken |= field.mask
            access = field.access or self.access
            if access != RO:
                self._writable = True
            if access in (W1C, WO):
                self._read_zero |= field.mask
            elif access == W0C:
                self._read_one |= field.mask
        if self.access == W1C:
            self._read_zero |= self.mask & ~taken
        elif self.access == W0C:
            self._read_one |= self.mask & ~taken

    def bind(self, block, name, base, bus):
        """Return this register, live: `base + offset` on `bus`. Called by `Block`."""
        address = base + self.offset
        if address % (self.width // 8):
            raise ValueError("%s.%s: 0x%x is not aligned to %d bits" % (block, name, address, self.width))
        live = object.__new__(Reg)
        live.offset = self.offset
        live.access = self.access
        live.width = self.width
        live.mask = self.mask
        live.reset = self.reset
        live.fields = self.fields
        live._read_zero = self._read_zero
        live._read_one = self._read_one
        live._writable = self._writable
        live.address = address
        live._block = block
        live._name = name
        live._memory = bus.mem32 if self.width == 32 else bus.mem16 if self.width == 16 else bus.mem8
        return live

    def read(self):
        """Return the whole register. Raises AccessError if it is write-only."""
        if self.access == WO:
            raise AccessError("%s is write-only" % self._label())
        return self._memory[self.address] & self.mask

    def get(self, name):
        """Return one field, shifted down to bit 0.

        Raises AttributeError for an unknown name, AccessError if it is write-only.
        """
        field = self._field(name)
        if WO in (field.access, self.access):
            raise AccessError("%s is write-only" % self._label(name))
        return (self._memory[self.address] & field.mask) >> field.bit

    def write(self, value=None, **fields):
        """Write the whole register: a number, or the reset value with the given fields in it, as `encode` makes it.

        Raises AccessError for what is read-only, ValueError for what does not fit, AttributeError for an unknown name.
        """
        if not self._writable:
            raise AccessError("%s is read-only" % self._label())
        if value is None:
            value = self.encode(**fields)
        elif fields:
            raise TypeError("%s: write takes a value or fields, not both" % self._label())
        elif not 0 <= value <= self.mask:
            raise ValueError("%s is %d bits wide, %r does not fit" % (self._label(), self.width, value))
        self._memory[self.address] = value

    def encode(self, **fields):
        """Return what `write(**fields)` would write, without writing it: for a handler that makes the same access.

        Fields that act on being written (W1C, W0C) and are not named are encoded so that they do nothing.
        """
        mask, bits = self._pack(fields)
        return (self.reset & ~(mask | self._read_zero)) | (self._read_one & ~mask) | bits

    def modify(self, **fields):
        """Change the named fields and no other bit: one read, one write. Raises as `write` does, and as `read`.

        Flags that are cleared by writing (W1C, W0C) and are not named stay as they are.
        """
        if self.access == WO:
            raise AccessError("%s is write-only" % self._label())
        if not self._writable:
            raise AccessError("%s is read-only" % self._label())
        mask, bits = self._pack(fields)
        clear = ~(mask | self._read_zero)
        bits |= self._read_one & ~mask
        self._memory[self.address] = (self._memory[self.address] & self.mask & clear) | bits

    def _pack(self, fields):
        mask = 0
        bits = 0
        for name, value in fields.items():
            field = self._field(name)
            if (field.access or self.access) == RO:
                raise AccessError("%s is read-only" % self._label(name))
            if not 0 <= value < 1 << field.width:
                raise ValueError("%s is %d bits wide, %r does not fit" % (self._label(name), field.width, value))
            mask |= field.mask
            bits |= value << field.bit
        return mask, bits

    def _field(self, name):
        field = self.fields.get(name)
        if field is None:
            known = ", ".join(sorted(self.fields)) or "no fields"
            raise AttributeError("%s has no field %s; it has %s" % (self._label(), name, known))
        return field

    def _label(self, field=None):
        label = "%s.%s" % (self._block, self._name) if self._block else "register at offset 0x%x" % self.offset
        return label if field is None else "%s.%s" % (label, field)

    def __repr__(self):
        return "<%s, %s>" % (self._label(), self.access if self.address is None else "0x%08x" % self.address)


class Block:
    """A group of registers at one base address; subclasses list them as class attributes.

    base: absolute address. bus: what has mem8, mem16 and mem32, for tests; the `machine` module if not given.
    Making an instance accesses nothing; it costs one small object for each register.

    Raises ValueError if a register would not be aligned to its width.
    """

    def __init__(self, base, bus=machine):
        self.base = base
        self._bind(type(self), bus)

    def _bind(self, kind, bus):
        for parent in kind.__bases__:
            if parent is not object and parent is not Block:
                self._bind(parent, bus)
        for name, register in kind.__dict__.items():
            if isinstance(register, Reg):
                setattr(self, name, register.bind(type(self).__name__, name, self.base, bus))
