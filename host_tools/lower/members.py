"""What is in a block, a register or an array: its members by name and its elements by index."""

import ast
import difflib

from host_tools.lower.meanings import (
    ArrayAt,
    BlockAt,
    FieldOf,
    FieldsOf,
    Index,
    Meaning,
    Place,
    RegisterAt,
    Unknown,
    Wrong,
    is_constant,
)
from host_tools.registers.model import Register

METHODS = ("read", "write", "encode", "modify", "set", "clear", "toggle")
"""What a live register can do; a field has some of these, and `get`."""


def member(owner: BlockAt | RegisterAt | FieldOf, name: str) -> Meaning | None:
    """What `owner.name` means; None for a method and the like."""
    match owner:
        case BlockAt():
            return _of_block(owner, name)
        case RegisterAt():
            return _of_register(owner, name)
        case FieldOf(field=field, index=index):
            known = {"width": field.width} if index else {"width": field.width, "mask": field.mask, "bit": field.bit}
            return known.get(name)


def element(owner: ArrayAt | FieldsOf, node: ast.expr, number: int | None, is_local: bool) -> Meaning:
    """What `owner[node]` means. `number`: the index where it is a constant. `is_local`: it is a local name."""
    if isinstance(owner, ArrayAt):
        return _of_array(owner, node, number, is_local)
    field = owner.field
    if number is None:
        if owner.owner.place.index is not None:
            return Unknown("two indices are known on the chip only")
        return FieldOf(owner.owner, field.element(field.first), Index(node, field.first, field.count, field.stride))
    try:
        return FieldOf(owner.owner, field.element(number))
    except IndexError as error:
        return Wrong(f"{owner.owner.label}.{error}", "correct the index")


def missing_field(owner: RegisterAt, name: str) -> Wrong:
    """A register has no field of that name; the nearest names are told."""
    fields = owner.register.fields
    names = [each.name for each in fields]
    elements = [element.name for each in fields if each.count > 1 for element in each.elements()]
    return _missing(f"{owner.label} has no field {name}", name, names, elements)


def _of_block(owner: BlockAt, name: str) -> Meaning | None:
    block, place = owner.block, owner.place
    item = block.find(name)
    if item is None and name == "base":
        return place.address if place.index is None else None
    if item is None and name.islower():
        return None  # a method, or what the class has besides registers
    if item is None:
        return _missing(f"{block.name} has no register {name}", name, [each.name for each in block.items])
    if item.count is not None:
        return ArrayAt(block, item, place)
    there = place.moved(item.offset, f".{name}")
    return RegisterAt(block, item, there) if isinstance(item, Register) else BlockAt(item.block, there)


def _of_register(owner: RegisterAt, name: str) -> Meaning | None:
    register = owner.register
    if name in METHODS:
        return None
    known = {"mask": register.mask, "width": register.width}
    if name in known or name == "address":
        return known.get(name, owner.place.address if is_constant(owner) else None)
    array = next((each for each in register.fields if each.name == name and each.count > 1), None)
    if array is not None:
        return FieldsOf(owner, array)
    field = register.find(name)
    return FieldOf(owner, field) if field else missing_field(owner, name)


def _of_array(owner: ArrayAt, node: ast.expr, number: int | None, is_local: bool) -> Meaning:
    item, count, place = owner.item, owner.item.count, owner.place
    assert count is not None
    if number is not None:
        if not 0 <= number < count:
            message = f"{owner.block.name}.{item.name} has the elements 0 to {count - 1}, not {number}"
            return Wrong(message, "correct the index")
        there = place.moved(item.offset + number * item.stride, f".{item.name}[{number}]")
    elif place.address is None:
        if not is_local:
            return Unknown("the index is no constant and no local name")
        there = place.moved(0, f".{item.name}[{ast.unparse(node)}]")
    elif place.index is not None:
        return Unknown("two indices are known on the chip only")
    else:
        there = Place(place.address + item.offset, index=Index(node, 0, count, item.stride))
    return RegisterAt(owner.block, item, there) if isinstance(item, Register) else BlockAt(item.block, there)


def _missing(message: str, name: str, known: list[str], others: list[str] | None = None) -> Wrong:
    near = difflib.get_close_matches(name, [*known, *(others or [])], n=3, cutoff=0.6)
    return Wrong(message, f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(known) or 'none'}")
