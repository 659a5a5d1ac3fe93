"""What a read of a register or field is lowered to."""

import ast
from dataclasses import dataclass

from host_tools.lower import spelling
from host_tools.lower.meanings import FieldOf, Index, RegisterAt
from host_tools.lower.notes import Mistaken
from host_tools.lower.site import Site
from host_tools.registers.model import Access

_WORD = 32


@dataclass(frozen=True)
class Expression:
    """A text and the operator that binds its parts, `""` where nothing can come between them."""

    text: str
    operator: str = ""


def read(site: Site, found: RegisterAt, is_masked: bool) -> Expression:
    """`register.read()`; `is_masked`: the value goes into a mask that ends at the register's own bits."""
    _no_arguments(site)
    register = found.register
    if not register.readable:
        raise Mistaken(f"{found.label} is write-only", "read another register, or correct its access")
    memory = site.memory(register, site.address(found.place)[0])
    if register.width < _WORD or is_masked:
        return Expression(memory)
    return Expression(f"{memory} & 0xFFFF_FFFF", "&")


def get(site: Site, found: FieldOf, is_condition: bool) -> Expression:
    """`register.FIELD.get()`; `is_condition`: only whether it is 0 matters."""
    _no_arguments(site)
    register, field = found.owner.register, found.field
    if not register.readable or register.access_of(field) is Access.WO:
        raise Mistaken(f"{found.label} is write-only", "read another field, or correct its access")
    if found.index is not None:
        return _element(site, found, found.index)
    if field.width == _WORD:
        return read(site, found.owner, is_masked=is_condition)
    memory = site.memory(register, site.address(found.owner.place)[0])
    if is_condition and spelling.is_small(field.mask):
        return Expression(f"{memory} & {spelling.plain(field.mask)}", "&")
    shifted = f"{memory} >> {field.bit}" if field.bit else memory
    if register.width < _WORD and field.bit + field.width == register.width:
        return Expression(shifted, ">>" if field.bit else "")
    return Expression(f"{shifted} & {spelling.plain(field.largest)}", "&")


def _element(site: Site, found: FieldOf, index: Index) -> Expression:
    """A field of an array, its index known on the chip only. The index is checked before the register is read."""
    register, field = found.owner.register, found.field
    address = site.address(found.owner.place)[0]
    checked = site.checked(index, "bit")
    memory = site.memory(register, f"{address} if {checked.test} else {checked.raising}" if checked.test else address)
    return Expression(f"{memory} >> {shift(index, field.bit, checked.name)} & {spelling.plain(field.largest)}", "&")


def shift(index: Index, bit: int, name: str) -> str:
    """The lowest bit of an array's field: `bit` is that of the first one."""
    scaled = f"{name} * {index.stride}" if index.stride > 1 else name
    start = bit - index.first * index.stride
    return f"{scaled} {'-' if start < 0 else '+'} {abs(start)}" if start else scaled


def _no_arguments(site: Site) -> None:
    if site.call.args or site.call.keywords:
        raise Mistaken(f"{site.method} takes no arguments", "remove them")


def needs_parentheses(parent: ast.AST | None, child: ast.expr, made: Expression) -> bool:
    """Whether an expression must be bracketed to stand where the call stood."""
    match parent:
        case ast.BinOp(op=ast.BitOr() | ast.BitXor()) | ast.UnaryOp(op=ast.Not()):
            binds_closer = False
        case ast.BinOp(op=ast.BitAnd(), left=left):
            binds_closer = made.operator == "&" and left is not child
        case ast.Call(func=owner) | ast.Subscript(value=owner):
            binds_closer = owner is child
        case _:
            binds_closer = isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Attribute | ast.Await | ast.Starred)
    return bool(made.operator) and binds_closer
