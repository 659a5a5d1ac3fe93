"""Why `corten.register` refuses something: the exceptions with their texts, loaded when the first one is raised.

Callers: `corten.register` and its siblings. Each function finds what is wrong and returns the exception to raise.
"""

from corten.register import _WIDTHS, KIND, RO, WO, AccessError, _bits, _is_no_access

_ACCESSES = "RO, WO, RW, W1C, W1S, W1T, W0C, W0S, with | READ_ACTS"


def field(bit, width, access, count, stride, first):
    """A field's description makes no sense."""
    if access and _is_no_access(access):
        return ValueError("a field's access is one of %s, not %r" % (_ACCESSES, access))
    if bit < 0 or width < 1 or bit + width > 32:
        return ValueError("a field needs bit >= 0, width >= 1 and room in 32 bits, got bit %r, width %r" % (bit, width))
    return ValueError(
        "fields need count >= 1, stride >= width, first from 0 to 31 and room in 32 bits, got count %r, stride %r, %r"
        % (count, stride, first)
    )


def register(offset, access, width, reset, fields):
    """A register's description makes no sense."""
    if width not in _WIDTHS:
        return ValueError("a register is 8, 16 or 32 bits wide, not %r" % (width,))
    if offset < 0 or offset % (width // 8):
        return ValueError("a register of %d bits cannot be at offset 0x%x" % (width, offset))
    if _is_no_access(access):
        return ValueError("a register's access is one of %s, not %r" % (_ACCESSES, access))
    if not 0 <= reset <= _WIDTHS[width]:
        return ValueError("register at offset 0x%x: the reset value does not fit into %d bits" % (offset, width))
    taken = 0
    for name, field in fields.items():
        bits = _bits(field)
        if bits > _WIDTHS[width]:
            return ValueError("register at offset 0x%x: field %s lies outside its %d bits" % (offset, name, width))
        if bits & taken:
            break
        taken |= bits
    return ValueError("register at offset 0x%x: field %s overlaps another one" % (offset, name))


def array(count, stride):
    """An array's elements would overlap, or there are none."""
    return ValueError(
        "an array needs count >= 1 and a stride that keeps its elements apart, got %r, %r" % (count, stride)
    )


def outside(kind, name):
    """A register lies beyond its block's SIZE."""
    return ValueError("%s.%s lies outside the block's %d bytes" % (kind.__name__, name, kind.SIZE))


def alignment(register):
    """A register's address is not a multiple of its width."""
    return ValueError("%s: 0x%x is not aligned to %d bits" % (register._label(), register.address, register.width))


def register_name(block, name):
    """A block has no register of that name."""
    return AttributeError("%s has no register %s" % (type(block).__name__, name))


def read(register, field=None):
    """What is write-only is not read."""
    return AccessError("%s is write-only" % _label(register, field))


def write(register, field=None):
    """What is read-only is not written."""
    return AccessError("%s is read-only" % _label(register, field))


def whole(register, value, fields):
    """A value for a whole register, with fields beside it, or too wide."""
    if fields:
        return TypeError("%s: write takes a value or fields, not both" % register._label())
    return ValueError("%s is %d bits wide, %r does not fit" % (register._label(), register.width, value))


def update(register, mask):
    """A modify of what cannot be read, or cannot be written, or that has fewer bits."""
    if register._is[1] & KIND == WO:
        return read(register)
    return write(register) if register._is[4] is None else whole(register, mask, None)


def value(register, name, field, value):
    """A value for a field that is read-only, or too wide for it."""
    if (field >> 20 & KIND or register._is[1] & KIND) == RO:
        return write(register, name)
    return ValueError("%s is %d bits wide, %r does not fit" % (_label(register, name), (field >> 5 & 31) + 1, value))


def name(register, name):
    """A register has no field of that name."""
    known = ", ".join(sorted(register._is[3])) or "no fields"
    return AttributeError("%s has no field %s; it has %s" % (register._label(), name, known))


def _label(register, field):
    return register._label() if field is None else "%s.%s" % (register._label(), field)
