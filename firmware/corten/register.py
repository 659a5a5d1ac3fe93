"""Typed, volatile hardware registers.

    class Timer(Block):
        CTRL = Reg(0x00, RW, EN=Field(0), IRQ_EN=Field(3))
        VALUE = Reg(0x04)

    timer = Timer(base)
    timer.CTRL.modify(EN=1, IRQ_EN=1)
    timer.CTRL.EN.get()

Each `read`, `get` and `write` is exactly one bus access of the declared width; `modify`, `set`, `clear` and `toggle`
are one read and one write; nothing is cached, merged or repeated. All checks are made before the first access, so a
call that raises has touched nothing. Values are unsigned; one of 2**30 or more is a heap integer, so reading it
allocates.

Definitions are plain data. A register is bound to its address when it is first used, and a field when it is first
named; until then an instance costs next to nothing. `corten build` lowers accesses to registers that it knows to plain
loads and stores.

Callers: the main context and soft callbacks. The calls allocate (keyword arguments, first uses), so they are not for an
interrupt handler with the heap locked. `modify` and its like are not atomic: where a handler writes the same register,
hold `critical`, or use `corten.atomic`.
"""

import machine
from micropython import const

RO = const(1)  # read-only
WO = const(2)  # write-only
RW = const(3)
W1C = const(4)  # write-1-to-clear, and so on
W1S = const(5)
W1T = const(6)
W0C = const(7)  # STM32 status flags: rc_w0 in ST's manuals
W0S = const(8)
READ_ACTS = const(16)  # `RW | READ_ACTS`: a read changes something, as that of a FIFO or of a flag that reading clears

ALIASES = "aliases"  # a block's ATOMIC: each register has XOR, SET and CLR aliases (RP2040 datasheet, section 2.1.2)
BIT_BAND = "bit-band"  # each bit has a word of its own (DDI 0403E, section B3.1.2, and the core's manual)

KIND = const(15)  # the part of an access that is one of the above, without READ_ACTS
_MANY = const(31 << 10)  # where a field's description counts the fields of an array
_WIDTHS = {8: 0xFF, 16: 0xFFFF, 32: 0xFFFF_FFFF}
_NEUTRAL = (0, 0)
_NOTHING = object()  # in place of a value that was not given
_ZEROS_ACT = (W0C, W0S)


class AccessError(Exception):
    """A write to what is read-only, a read of what is write-only, or a form of access that the hardware lacks."""


def Field(bit, width=1, access=0, values=None, count=1, stride=0, first=0):  # noqa: N802 - it reads as a type
    """Describe bits of a register: a small integer, which costs no heap.

    bit: the lowest bit. width: in bits. access: that of the register unless given. values: a class that names the
    field's values, for whoever reads the table. count, stride, first: `MODE=Field(0, 2, count=16)` is MODE0 to MODE15,
    `stride` bits apart (`width` unless given), counted from `first`.

    Raises ValueError for a field that does not fit into 32 bits, or an access that there is not.
    """
    stride = stride or (width if count > 1 else 0)
    if (
        bit < 0
        or width < 1
        or count < 1
        or bit + width + (count - 1) * stride > 32
        or (count > 1 and stride < width)
        or not 0 <= first < 32
        or (access and _is_no_access(access))
    ):
        _refuse("field", bit, width, access, count, stride, first)
    return bit | width - 1 << 5 | count - 1 << 10 | stride << 15 | access << 20 | first << 25


def Reg(offset, access=RW, width=32, reset=0, **fields):  # noqa: N802
    """Describe a register of a `Block`; an instance of the block has it, live, as a `Register`.

    offset: bytes from the block's base, aligned to the width. access: of the register and of the fields that give none.
    width: 8, 16 or 32 bits. reset: the value that `write(FIELD=…)` starts from. Fields are keyword arguments, so their
    names cannot be those of the other parameters or of the methods of `Register`.

    Raises ValueError for a definition that makes no sense.
    """
    whole = _WIDTHS.get(width, 0)
    if not whole or offset < 0 or offset % (width // 8) or not 0 <= reset <= whole or _is_no_access(access):
        _refuse("register", offset, access, width, reset, fields)
    kind = access & KIND
    zero = one = taken = 0
    writable = kind != RO
    for field in fields.values():
        bits = _bits(field)
        if bits & taken or bits > whole:
            _refuse("register", offset, access, width, reset, fields)
        taken |= bits
        own = field >> 20 & KIND or kind
        writable = writable or own != RO
        if own in _ZEROS_ACT:
            one |= bits
        elif own == WO or own >= W1C:
            zero |= bits
    if kind in _ZEROS_ACT:
        one |= whole & ~taken
    elif kind >= W1C:
        zero |= whole & ~taken
    rules = ((zero, one) if zero or one else _NEUTRAL) if writable else None
    return offset, access | width << 5, reset, fields, rules


def Array(item, count, stride):  # noqa: N802
    """Describe `count` registers or clusters, `stride` bytes apart: `AFR = Array(Reg(0x20), 2, 4)`, used as `AFR[1]`.

    item: the first one, a `Reg` or a `Cluster`. Raises ValueError if they would overlap.
    """
    if count < 1 or stride < _end(item) - item[0]:
        _refuse("array", count, stride)
    return item[0], item, count, stride


def Cluster(block, offset):  # noqa: N802
    """Describe a block within a block, `offset` bytes from its base: `COMMON = Cluster(Common, 0x100)`."""
    return offset, block


def _is_no_access(access):
    return not (isinstance(access, int) and RO <= access & KIND <= W0S and access < 32)


def _bits(field):
    # The mask of a field, of all elements of an array.
    one = (2 << (field >> 5 & 31)) - 1 << (field & 31)
    mask = one
    for _ in range(field >> 10 & 31):
        one <<= field >> 15 & 31
        mask |= one
    return mask


# What `Reg`, `Array` and `Cluster` return are tuples that begin with the offset, told apart by their lengths.
_REG = const(5)
_ARRAY = const(4)
_CLUSTER = const(2)


def _is_definition(item):
    if not isinstance(item, tuple):
        return False
    size = len(item)
    return (
        (size == _REG and isinstance(item[3], dict))
        or (size == _ARRAY and isinstance(item[1], tuple))
        or (size == _CLUSTER and isinstance(item[1], type))
    )


def _end(item):
    # The first offset behind a definition; a cluster's own block knows where it ends.
    if len(item) == _CLUSTER:
        return item[0] + 1
    if len(item) == _REG:
        return item[0] + (item[1] >> 8)
    return _end(item[1]) + (item[2] - 1) * item[3]


def _refuse(reason, *details):
    # The texts are loaded when one is needed.
    import corten.refusal

    raise getattr(corten.refusal, reason)(*details)


class Register:
    """A live register. Made by a `Block`.

    It has `address`, `width`, `mask`, and each of its fields as an attribute: a `corten.field.Bits`.
    """

    def __init__(self, definition, block, name, base):
        self._is = definition
        self._block = block
        self._name = name
        self.address = base + definition[0]
        self.width = width = definition[1] >> 5
        self.mask = _WIDTHS[width]
        if self.address % (width // 8):
            _refuse("alignment", self)
        bus = block.bus or machine
        self._memory = bus.mem32 if width == 32 else bus.mem16 if width == 16 else bus.mem8

    def __getattr__(self, name):
        from corten.field import field

        found = field(self, name)
        setattr(self, name, found)
        return found

    def read(self):
        """Return the whole register. Raises AccessError if it is write-only."""
        if self._is[1] & KIND == WO:
            _refuse("read", self)
        value = self._memory[self.address]
        return value if value >= 0 else value & 0xFFFF_FFFF

    def write(self, value=_NOTHING, **fields):
        """Write the whole register: a number, or the reset value with the given fields in it, as `encode` makes it.

        Raises AccessError for what is read-only, ValueError for what does not fit, AttributeError for an unknown name.
        """
        if self._is[4] is None:
            _refuse("write", self)
        if value is _NOTHING:
            value = self.encode(**fields)
        elif fields or not 0 <= value <= self.mask:
            _refuse("whole", self, value, fields)
        self._memory[self.address] = value

    def encode(self, **fields):
        """Return what `write(**fields)` would write, without writing it: for a handler that makes the same access.

        Fields that act on being written (W1C, W0C, …) and are not named are encoded so that they do nothing.
        """
        mask, bits = self._pack(fields)
        zero, one = self._is[4] or _NEUTRAL
        return self._is[2] & ~(mask | zero) | one & ~mask | bits

    def modify(self, **fields):
        """Change the named fields and no other bit: one read, one write. Raises as `write` does, and as `read`.

        Flags that act on being written (W1C, W0C, …) and are not named stay as they are.
        """
        mask, bits = self._pack(fields)
        self._update(mask, bits, 0)

    def set(self, mask):
        """Set the bits of `mask`: one read, one write. Other bits as in `modify`."""
        self._update(mask, mask, 0)

    def clear(self, mask):
        """Clear the bits of `mask`: one read, one write. Other bits as in `modify`."""
        self._update(mask, 0, 0)

    def toggle(self, mask):
        """Invert the bits of `mask`: one read, one write. Other bits as in `modify`."""
        self._update(0, 0, mask)

    def _update(self, clear, bits, invert):
        # Clears, then sets, then inverts bits: one read, one write.
        definition = self._is
        rules = definition[4]
        named = clear | invert
        if definition[1] & KIND == WO or rules is None or not 0 <= named <= self.mask:
            _refuse("update", self, named)
        if rules is not _NEUTRAL:
            clear |= rules[0] & ~invert
            bits |= rules[1] & ~named
        address = self.address
        memory = self._memory
        memory[address] = (memory[address] & ~clear | bits) ^ invert

    def _pack(self, fields):
        definition = self._is
        mask = 0
        bits = 0
        for name, value in fields.items():
            field = definition[3].get(name)
            if field is None or field & _MANY:
                field = self._find(name)
            width = field >> 5 & 31
            if (field >> 20 & KIND or definition[1] & KIND) == RO or not 0 <= value < 2 << width:
                _refuse("value", self, name, field, value)
            mask |= (2 << width) - 1 << (field & 31)
            bits |= value << (field & 31)
        return mask, bits

    def _find(self, name):
        # A field's description, of MODE5 where there is an array MODE.
        field = self._is[3].get(name)
        if field is None or field & _MANY:
            for prefix, field in self._is[3].items():
                index = name[len(prefix) :]
                last = field >> 10 & 31
                if last and name.startswith(prefix) and index.isdigit() and (index == "0" or index[0] != "0"):
                    index = int(index) - (field >> 25)
                    if 0 <= index <= last:
                        return field & (31 << 5 | 31 << 20) | (field & 31) + index * (field >> 15 & 31)
            _refuse("name", self, name)
        return field

    def _label(self):
        return "%s.%s" % (type(self._block).__name__, self._name)

    def __repr__(self):
        return "<%s at 0x%08x>" % (self._label(), self.address)


class Block:
    """A group of registers at one base address; subclasses list them as class attributes.

    base: absolute address. bus: what has mem8, mem16 and mem32 and, as those of `machine` do, takes values modulo their
    width; for tests; the memory itself if not given.
    Making an instance accesses nothing.

    A subclass may say SIZE, in bytes, beyond which no register may lie; and what `corten.atomic` can use: ATOMIC, one
    of ALIASES and BIT_BAND; SET_RESET, a dict from a register's name to that of the one whose low half sets its bits
    and whose high half clears them; SET_CLEAR, a dict from a register's name to the names of those that set, clear and
    toggle its bits, None for one that there is not. And what `corten.pin` can: OUTPUT and INPUT, the names of the
    registers of the pins' levels, OPEN_DRAIN, that of an open drain's where it is not OUTPUT, INPUT_FIRST, the pin that
    INPUT's lowest bit is of.

    Raises ValueError if a register lies outside SIZE and, when one is first used, if it is not aligned to its width.
    """

    SIZE = 1 << 32
    ATOMIC: "str | None" = None
    SET_RESET: "dict[str, str]" = {}  # noqa: RUF012 - never written
    SET_CLEAR: "dict[str, tuple]" = {}  # noqa: RUF012
    OUTPUT: "str | None" = None
    OPEN_DRAIN: "str | None" = None
    INPUT: "str | None" = None
    INPUT_FIRST = 0

    def __init__(self, base, bus=None):
        self.base = base
        self.bus = bus
        _definitions(type(self))

    def __getattr__(self, name):
        item = _definitions(type(self)).get(name)
        if item is None:
            _refuse("register_name", self, name)
        live = _bind(item, self, name, self.base)
        setattr(self, name, live)
        return live


def _bind(item, block, name, base):
    if len(item) == _REG:
        return Register(item, block, name, base)
    if len(item) == _CLUSTER:
        return item[1](base + item[0], block.bus)
    from corten.elements import Elements

    return Elements(item, block, name, base)


def _definitions(kind):
    # What a block's class, and those that it extends, define. It is moved out of the class when its first instance is
    # made: an attribute of the class would hide from `__getattr__` that a register is not yet bound.
    found = kind.__dict__.get("_defined")
    if found is None:
        found = {}
        for parent in reversed(kind.__bases__):
            if parent not in (object, Block):
                found.update(_definitions(parent))
        for name, item in list(kind.__dict__.items()):
            if _is_definition(item):
                if _end(item) > kind.SIZE:
                    _refuse("outside", kind, name)
                found[name] = item
                delattr(kind, name)
        kind._defined = found
    return found
