"""The values and indices of a `@hot` function's accesses, with the checks that they need before the first access."""

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from host_tools.errors import UsageError
from host_tools.lower.hot_pointers import Pointers, is_small
from host_tools.lower.hot_types import BOOL, NUMBERS, UINT, Types
from host_tools.lower.meanings import Index
from host_tools.lower.notes import Mistaken
from host_tools.lower.ranges import Range, range_of
from host_tools.lower.resolve import Scope

_INT = 1 << 31
_UINT = 1 << 32


@dataclass
class Checks:
    """What an access needs before it.

    `call`: the access in the source. `is_statement`: whether there can be statements before it. `before`: these.
    `wrong`: conditions under which it raises. `replaced`: parts of the source and what stands for them.
    """

    call: ast.Call
    is_statement: bool = True
    before: list[ast.stmt] = field(default_factory=list)
    wrong: list[ast.expr] = field(default_factory=list)
    replaced: dict[ast.AST, ast.expr] = field(default_factory=dict)


class Values:
    """Makes the values and indices of one function."""

    def __init__(
        self, scope: Scope, path: str, pointers: Pointers, types: Types, rewrite: Callable[[ast.expr], ast.expr]
    ) -> None:
        """`path`: what its user calls the file. `rewrite`: gives an expression with its own accesses lowered."""
        self._scope = scope
        self._path = path
        self._pointers = pointers
        self._types = types
        self._rewrite = rewrite

    def known(self, label: str, largest: int, node: ast.expr) -> int | None:
        """The number that a value always is. Raises Mistaken if it does not fit."""
        number = self._scope.constant(node)
        if number is not None and not 0 <= number <= largest:
            raise Mistaken(*too_wide(label, largest.bit_length(), number))
        return number

    def value(self, label: str, largest: int, node: ast.expr, checks: Checks) -> ast.expr:
        """A value that is checked where it is not provably in range."""
        number = self.known(label, largest, node)
        if number is not None:
            return self.number(number)
        kind = self._types.of(node)
        if kind not in NUMBERS:
            raise self._no_number(node)
        made = self._rewrite(node)
        is_sure = kind == BOOL or self._fits(node, largest) or (kind == UINT and largest == _UINT - 1)
        if not (is_pure(made) and (is_sure or isinstance(made, ast.Name))):
            made = self.held(made, checks)
        checks.replaced[node] = made
        if not is_sure:
            checks.wrong.append(_outside(made, largest))
        return called("int", made) if kind == BOOL else made

    def _fits(self, node: ast.expr, largest: int) -> bool:
        """Whether a value is in range for sure."""
        if largest >= _INT - 1 and self._types.counts_up(node):
            return True
        found = self._exact(node)
        return found is not None and found.fits(largest)

    def _exact(self, node: ast.expr) -> Range | None:
        """The range of a value, if no step on the way to it is cut to 32 bits."""
        for each in ast.walk(node):
            step = range_of(self._scope, each) if isinstance(each, ast.BinOp) else None
            if step and not (step.low >= -_INT and step.high < _INT):
                return None
        return range_of(self._scope, node)

    def constant(self, node: ast.expr) -> int | None:
        """The number that an expression always is."""
        return self._scope.constant(node)

    def held(self, value: ast.expr, checks: Checks) -> ast.expr:
        """A name that holds a value from before the access on."""
        name = self._pointers.name("_v")
        checks.before.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=0))
        return ast.Name(name, ast.Load())

    def number(self, value: int) -> ast.expr:
        """The expression for a constant."""
        return self._pointers.number(value)

    def _no_number(self, node: ast.expr) -> UsageError:
        message = f"{self._path}:{node.lineno}: @hot: viper does not know that {ast.unparse(node)} is an integer"
        return UsageError(message, "annotate the parameter as int or uint, or write int(…) around it")

    def index(self, index: Index, checks: Checks) -> ast.expr:
        """An index, counted from 0, that is checked where it is not provably in range."""
        kind = self._types.of(index.node)
        if kind not in NUMBERS:
            raise self._no_number(index.node)
        found = self._exact(index.node)
        is_sure = found is not None and index.first <= found.low and found.high < index.first + index.count
        made = self._rewrite(index.node)
        if not checks.is_statement:
            if not is_pure(made):
                message = (
                    f"{self._path}:{index.node.lineno}: @hot: the index {ast.unparse(index.node)} reads a register"
                )
                raise UsageError(message, "assign it to a name first")
        elif not (isinstance(made, ast.Name) or (is_sure and is_pure(made))):
            made = self.held(made, checks)
        checks.replaced[index.node] = made
        if index.first:
            made = ast.BinOp(made, ast.Sub(), ast.Constant(index.first))
        if not is_sure:
            wrong = ast.Compare(called("uint", made), [ast.GtE()], [called("uint", ast.Constant(index.count))])
            if checks.is_statement:  # the source looks for the element before it evaluates an argument
                assert isinstance(checks.call.func, ast.Attribute)
                checks.before.append(_raised(wrong, self._source(checks.call.func.value, checks)))
            else:
                checks.wrong.append(wrong)
        return made

    def guard(self, checks: Checks) -> list[ast.stmt]:
        """The access as the source has it, for the case in which it raises."""
        return [_raised(either(checks.wrong), self.original(checks))] if checks.wrong else []

    def original(self, checks: Checks) -> ast.Call:
        """The access as the source has it, with its arguments as they were evaluated."""
        call = checks.call
        words = [ast.keyword(each.arg, self._source(each.value, checks)) for each in call.keywords]
        arguments = [self._source(each, checks) for each in call.args]
        return ast.Call(self._source(call.func, checks), arguments, words)

    def _source(self, node: ast.expr, checks: Checks) -> ast.expr:
        """A part of the source, in which no register is read again."""
        if node in checks.replaced:
            return checks.replaced[node]
        if isinstance(node, ast.Constant) or self._scope.constant(node) is not None:
            return self._rewrite(node)
        made = copy.copy(node)
        for name, inner in ast.iter_fields(node):
            if isinstance(inner, ast.expr):
                setattr(made, name, self._source(inner, checks))
            elif isinstance(inner, list):
                setattr(made, name, [self._source(x, checks) if isinstance(x, ast.expr) else x for x in inner])
        return made


def called(name: str, argument: ast.expr) -> ast.Call:
    """A call with one argument."""
    return ast.Call(ast.Name(name, ast.Load()), [argument], [])


def is_pure(node: ast.expr) -> bool:
    """Whether evaluating an expression again, or later, gives the same: it reads no memory and calls nothing."""
    unsure = (ast.Call, ast.Subscript, ast.Attribute, ast.Await, ast.Yield)
    return not any(isinstance(each, unsure) and not _is_cast(each) for each in ast.walk(node))


def _is_cast(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("int", "uint", "bool")


def _outside(value: ast.expr, largest: int) -> ast.expr:
    """The condition that a value is not between 0 and `largest`, of 32 bits."""
    if largest >= _INT - 1:
        return ast.Compare(called("int", value), [ast.Lt()], [ast.Constant(0)])
    if not is_small(~largest):
        return ast.BinOp(value, ast.RShift(), ast.Constant(largest.bit_length()))
    return ast.BinOp(value, ast.BitAnd(), ast.UnaryOp(ast.USub(), ast.Constant(largest + 1)))


def _raised(wrong: ast.expr, original: ast.expr) -> ast.stmt:
    """What raises if something is wrong: in a conditional expression, which can share its line, as `if` cannot."""
    return ast.Expr(ast.IfExp(wrong, original, ast.Constant(None)))


def either(conditions: Sequence[ast.expr]) -> ast.expr:
    """The condition that one of some is true."""
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.Or(), list(conditions))


def too_wide(label: str, width: int, number: int) -> tuple[str, str]:
    """The message and the fix where a constant does not fit."""
    return f"{label} is {width} bits wide, {number} does not fit", "correct the value"


def times(value: ast.expr, factor: int) -> ast.expr:
    """A multiple of a value."""
    return value if factor == 1 else ast.BinOp(value, ast.Mult(), ast.Constant(factor))


def assign(target: ast.Subscript, value: ast.expr) -> ast.stmt:
    """A store."""
    return ast.Assign([target], value, lineno=0)
