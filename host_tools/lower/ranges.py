"""Between which numbers the value of an expression always lies, where that can be told from the source."""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass

from host_tools.lower.bindings import targets_of
from host_tools.lower.meanings import FieldOf, RegisterAt
from host_tools.lower.resolve import Scope, is_before


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    def fits(self, largest: int) -> bool:
        """Whether all are between 0 and `largest`."""
        return self.low >= 0 and self.high <= largest

    def joined(self, other: "Range") -> "Range":
        """What is in either, and between."""
        return Range(min(self.low, other.low), max(self.high, other.high))


_TRUTH = Range(0, 1)
_LARGEST = 1 << 32
_LONGEST_SHIFT = 32


def range_of(scope: Scope, node: ast.expr) -> Range | None:
    """The range of an expression; None where it may be something else than a whole number, or any."""
    number = scope.constant(node)
    found = Range(number, number) if number is not None else _of(scope, node)
    return found if found and found.low >= -_LARGEST and found.high <= _LARGEST else None


def _of(scope: Scope, node: ast.expr) -> Range | None:
    found = None
    match node:
        case ast.UnaryOp(op=ast.Not()) | ast.Compare():
            found = _TRUTH
        case ast.BoolOp(values=values):
            found = _joined(scope, values)
        case ast.IfExp(body=first, orelse=second):
            found = _joined(scope, [first, second])
        case ast.NamedExpr(value=value):
            found = range_of(scope, value)
        case ast.BinOp(op=ast.BitAnd(), left=left, right=right):
            found = _masked(range_of(scope, left), range_of(scope, right))
        case ast.BinOp(op=sign, left=left, right=right):
            sides = range_of(scope, left), range_of(scope, right)
            found = _arithmetic(sign, sides[0], sides[1]) if sides[0] and sides[1] else None
        case ast.Call():
            found = _call(scope, node)
        case ast.Name():
            found = _name(scope, node)
    return found


def _joined(scope: Scope, nodes: list[ast.expr]) -> Range | None:
    found = [range_of(scope, node) for node in nodes]
    result = found[0]
    for each in found[1:]:
        result = result.joined(each) if result and each else None
    return result


def _masked(*sides: Range | None) -> Range | None:
    """A mask that is not negative bounds the result, whatever number the other side is."""
    tops = [side.high for side in sides if side and side.low >= 0]
    return Range(0, min(tops)) if tops else None


def _arithmetic(sign: ast.operator, left: Range, right: Range) -> Range | None:
    found = None
    match sign:
        case ast.Add():
            found = Range(left.low + right.low, left.high + right.high)
        case ast.Sub():
            found = Range(left.low - right.high, left.high - right.low)
        case ast.Mult():
            found = _corners(operator.mul, left, right)
        case ast.Mod() if right.low > 0:
            found = Range(0, right.high - 1)
        case ast.FloorDiv() if right.low > 0:
            found = _corners(operator.floordiv, left, right)
        case ast.RShift() if right.low >= 0:
            found = _corners(operator.rshift, left, right)
        case ast.LShift() if right.fits(_LONGEST_SHIFT):
            found = _corners(operator.lshift, left, right)
        case ast.BitOr() | ast.BitXor() if left.low >= 0 and right.low >= 0:
            found = Range(0, (1 << max(left.high, right.high).bit_length()) - 1)
    return found


def _corners(function: Callable[[int, int], int], left: Range, right: Range) -> Range:
    """The range of what grows or falls with each side all the way."""
    ends = [function(one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
    return Range(min(ends), max(ends))


def _call(scope: Scope, node: ast.Call) -> Range | None:
    match node:
        case ast.Call(func=ast.Name(id="bool" as name), args=[argument], keywords=[]):
            is_plain = not isinstance(argument, ast.Starred)
            return _TRUTH if is_plain and scope.is_builtin(name) else None
        case ast.Call(func=ast.Name(id="min" | "max" as name), args=[_, _, *_] as arguments, keywords=[]):
            found = [range_of(scope, argument) for argument in arguments]
            if not scope.is_builtin(name) or None in found:
                return None
            choose = min if name == "min" else max
            known = [each for each in found if each]
            return Range(choose(each.low for each in known), choose(each.high for each in known))
        case ast.Call(func=ast.Attribute(value=receiver, attr="get" | "read" as name), args=[], keywords=[]):
            match scope.meaning(receiver):
                case FieldOf(field=field) if name == "get":
                    return Range(0, field.largest)
                case RegisterAt(register=register) if name == "read":
                    return Range(0, register.mask)
    return None


def _name(scope: Scope, node: ast.Name) -> Range | None:
    for holder in reversed(scope.chain):
        if isinstance(holder, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            if node.id in targets_of(holder):
                loops = [each for each in holder.generators if isinstance(each.target, ast.Name)]
                own = [each.iter for each in loops if isinstance(each.target, ast.Name) and each.target.id == node.id]
                return _counted(scope, own[0]) if len(own) == 1 else None
        else:
            break
    found = scope.binding(node) or scope.global_binding(node)
    if found is None:
        return None
    place, binding = found
    if isinstance(binding.node, ast.For):
        return _counted(place, binding.node.iter) if is_before(binding.node.target, node) else None
    if binding.index is None or binding.value is None or not is_before(binding.node, node):
        return None
    return range_of(place, binding.value)


def _counted(scope: Scope, node: ast.expr) -> Range | None:
    """The numbers that a loop over `range(…)` goes through."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != "range":
        return None
    ends = [scope.constant(argument) for argument in node.args]
    if not scope.is_builtin("range") or node.keywords or None in ends:
        return None
    try:
        numbers = range(*(end for end in ends if end is not None))
    except (TypeError, ValueError):
        return None
    return Range(min(numbers[0], numbers[-1]), max(numbers[0], numbers[-1])) if numbers else Range(0, 0)
