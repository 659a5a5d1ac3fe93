"""Constant expressions of a firmware module, evaluated from their syntax."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from host_tools.registers.arithmetic import binary, unary
from host_tools.registers.model import Access, Values

REGISTER_MODULE = "corten.register"
READ_ACTS = "READ_ACTS"
ACCESS_NAMES = (*Access.__members__, READ_ACTS)

Scope = Mapping[str, object]
"""What names mean: a number, a `Symbol`, `Values`, a `Block`, an `Instance`, a module, an `Unknown`."""


class UnreadableError(Exception):
    """What an expression is, is known only at run time."""

    def __init__(self, line: int, reason: str) -> None:
        """`line` of the expression; `reason` in words that follow "because"."""
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


@runtime_checkable
class Namespace(Protocol):
    """What has names in it, as a module has."""

    def member(self, name: str) -> object | None:
        """What a name in it means, None if that is not known."""
        ...


@dataclass(frozen=True)
class Symbol:
    """A module that is not read, or a name in it: `corten.register.Reg`."""

    path: str

    def member(self, name: str) -> "Symbol":
        """The name in it, which is there as far as anyone knows."""
        return Symbol(f"{self.path}.{name}")


@dataclass(frozen=True)
class Unknown:
    """A name that cannot be read from the source, and why; `is_block` if it is a block that is made at run time."""

    reason: str
    is_block: bool = False


CONST = Symbol("micropython.const")


def in_register(name: str) -> Symbol:
    """The symbol of a name in `corten.register`."""
    return Symbol(f"{REGISTER_MODULE}.{name}")


def evaluate(node: ast.expr, scope: Scope) -> object:
    """What an expression means; an access such as `RW | READ_ACTS` is a set of names.

    UnreadableError if that is known only at run time.
    """
    match node:
        case ast.Constant(value=int() | str() as value) if not isinstance(value, bool):
            return value
        case ast.Name(id=name):
            return _known(scope.get(name), node)
        case ast.Attribute(value=owner, attr=name):
            return _known(_member(evaluate(owner, scope), name), node)
        case ast.UnaryOp(op=sign, operand=operand):
            number = unary(sign, integer(operand, scope))
            if number is not None:
                return number
        case ast.BinOp():
            return _binary(node, scope)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if scope.get(name) == CONST:
            return evaluate(argument, scope)
    raise _at_run_time(node)


def integer(node: ast.expr, scope: Scope) -> int:
    """The number that an expression is. UnreadableError if it is none, or one that is known only at run time."""
    value = evaluate(node, scope)
    if not isinstance(value, int):
        raise UnreadableError(node.lineno, f"{ast.unparse(node)} is no number")
    return value


def _known(meaning: object | None, node: ast.expr) -> object:
    if isinstance(meaning, Unknown):
        raise UnreadableError(node.lineno, meaning.reason)
    if meaning is None:
        raise _at_run_time(node)
    if isinstance(meaning, Symbol):
        module, _, name = meaning.path.rpartition(".")
        if module == REGISTER_MODULE and name in ACCESS_NAMES:
            return frozenset((name,))
    return meaning


def _member(owner: object, name: str) -> object | None:
    if isinstance(owner, Values):
        return dict(owner.members).get(name)
    return owner.member(name) if isinstance(owner, Namespace) else None


def _binary(node: ast.BinOp, scope: Scope) -> object:
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
    if isinstance(left, frozenset) and isinstance(right, frozenset) and isinstance(node.op, ast.BitOr):
        return left | right
    if not isinstance(left, int) or not isinstance(right, int):
        raise _at_run_time(node)
    number = binary(node.op, left, right)
    if number is None:
        raise UnreadableError(node.lineno, f"{ast.unparse(node)} is no number of a register")
    return number


def _at_run_time(node: ast.expr) -> UnreadableError:
    return UnreadableError(node.lineno, f"{ast.unparse(node)} is known only at run time")
