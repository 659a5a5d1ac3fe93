"""Arithmetic of constants in the source of firmware, bounded so that no source can keep the host busy."""

import ast
import operator
from collections.abc import Callable

_LONGEST_SHIFT = 64
_LARGEST_POWER = 4096  # bits
_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_UNARY: dict[type[ast.unaryop], Callable[[int], int]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


def binary(sign: ast.operator, left: int, right: int) -> int | None:
    """The result of an operation; None for one that is not known, divides by 0, or shifts or raises too far."""
    is_wide = isinstance(sign, ast.LShift | ast.RShift) and not 0 <= right <= _LONGEST_SHIFT
    is_wide |= isinstance(sign, ast.Pow) and not 0 <= right * max(left.bit_length(), 1) <= _LARGEST_POWER
    is_zero = isinstance(sign, ast.FloorDiv | ast.Mod) and right == 0
    function = _BINARY.get(type(sign))
    return None if function is None or is_wide or is_zero else function(left, right)


def unary(sign: ast.unaryop, operand: int) -> int | None:
    """The result of an operation, None for `not`."""
    function = _UNARY.get(type(sign))
    return None if function is None else function(operand)
