"""The statements of a `@hot` function with its register accesses as pointer loads and stores.

Whatever a chip would refuse is still refused before the first access: where a value or an index is not provably in
range, a check is kept, and behind it the access as the source has it, which raises.
"""

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from host_tools.errors import UsageError
from host_tools.lower.hot_access import Accesses
from host_tools.lower.hot_places import Places
from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import INT, SIGN, UINT, WORD_BITS, Types
from host_tools.lower.hot_values import Values, called, is_pure
from host_tools.lower.meanings import AtomicOf, FieldOf, RegisterAt, Symbol, Unknown, Wrong
from host_tools.lower.members import METHODS
from host_tools.lower.notes import Kept, Mistaken, Note
from host_tools.lower.ranges import range_of
from host_tools.lower.resolve import Scope

CRITICAL = "corten.critical.critical"
MASK, RESTORE = "_corten_mask", "_corten_restore"
"""The names under which a module with a lowered lock has the functions of `corten.critical`."""

_FIELD_METHODS = ("get", "set", "clear", "toggle")
_LOADS = ("read", "get")
_Made = TypeVar("_Made")
_Found = RegisterAt | FieldOf | AtomicOf


@dataclass
class _Lowered:
    """An access, and what it became, to be spelled when the pointers have their names."""

    node: ast.expr
    made: list[ast.stmt] | ast.expr


class Body:
    """Rewrites the body of one function. `has_locks` afterwards says whether MASK and RESTORE are needed."""

    def __init__(self, node: ast.FunctionDef, scope: Scope, path: str, pointers: Pointers) -> None:
        """`path`: what its user calls the file."""
        self._scope = scope
        self._path = path
        self._pointers = pointers
        self.types = Types(node, self._read_type, scope.constant)
        if self.types.mixed:
            name, value = self.types.mixed
            message = f"@hot: {name} is an integer, and viper does not know that {ast.unparse(value)} is one"
            raise self._mistake(value, message, "write int(…) or uint(…) around it")
        values = Values(scope, path, pointers, self.types, self._value)
        self._accesses = Accesses(scope, Places(scope, pointers, self.types, values), values)
        self._lowered: list[_Lowered] = []
        self._kept: list[Note] = []
        self.has_locks = False
        self.returned: str | None = None  # the type of what the function returns, None for an object

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements that take the place of these."""
        return [made for each in statements for made in self._statement(each)]

    def notes(self) -> list[Note]:
        """What was lowered and what was not; after the pointers' setup."""
        made = [self._note(each.node, result=_spelled(each.made)) for each in self._lowered]
        return list(dict.fromkeys([*self._kept, *made]))

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:  # noqa: PLR0911 - one a kind of statement
        match node:
            case ast.Expr(value=ast.Call() as call):
                made = self._action(call)
                return [ast.Expr(self._value(call))] if made is None else made
            case ast.With() if self._is_critical(node):
                return self._critical(node)
            case ast.Assign(targets=targets, value=value):
                return [ast.Assign([self._value(each) for each in targets], self._cast(targets, value), lineno=0)]
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                return [ast.Assign([target], self._cast([target], value), lineno=0)]
            case ast.AnnAssign(value=None):
                return []
            case ast.For(iter=ast.Call(func=ast.Name(id="range") as function, args=limits)):
                made_for = self._compound(node)
                assert isinstance(made_for, ast.For)
                made_for.iter = ast.Call(function, [self._as(INT, each) for each in limits], [])
                return [made_for]
            case ast.Return(value=ast.expr() as value):
                return [ast.Return(self._as(self.returned, value))]
            case ast.Try(handlers=handlers):
                made_try = self._compound(node)
                assert isinstance(made_try, ast.Try)
                made_try.handlers = [
                    ast.ExceptHandler(each.type, each.name, self.block(each.body)) for each in handlers
                ]
                return [made_try]
        return [self._compound(node)]

    def _compound(self, node: ast.stmt) -> ast.stmt:
        """Any other statement, with the blocks and expressions in it rewritten."""
        made = copy.copy(node)
        for name, inner in ast.iter_fields(node):
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                setattr(made, name, self.block(inner) or [ast.Pass()])
            elif isinstance(inner, ast.expr):
                setattr(made, name, self._value(inner, is_test=name == "test"))
        return made

    def _cast(self, targets: Sequence[ast.expr], value: ast.expr) -> ast.expr:
        """A value for names of which one may hold what is no signed integer elsewhere."""
        kinds = {self.types.of(each) for each in targets if isinstance(each, ast.Name)}
        is_signed = UINT in kinds and self.types.of(value) == INT
        return self._as(UINT if is_signed else None, value)

    def _as(self, kind: str | None, node: ast.expr) -> ast.expr:
        made = self._value(node)
        if kind is None or self.types.of(node) == kind:
            return made
        return called(kind, made)

    def _action(self, call: ast.Call) -> list[ast.stmt] | None:
        """The statements for a call that writes a register, None for any other call."""
        found = self._receiver(call)
        if found is None or found[1] in (*_LOADS, "encode"):
            return None
        receiver, name = found
        return self._tried(call, lambda: self._accesses.store(receiver, name, call))

    def _value(self, node: ast.expr, is_test: bool = False) -> ast.expr:
        """An expression with the accesses in it lowered; `is_test` where only its truth counts."""
        is_bool = isinstance(node, ast.Constant) and isinstance(node.value, bool)
        number = None if is_bool else self._scope.constant(node)
        if number is not None and -SIGN <= number < 2 * SIGN:
            constant = self._pointers.number(number)
            return called(UINT, constant) if number >= SIGN else constant
        if isinstance(node, ast.Call) and (found := self._receiver(node)) is not None:
            made = self._load(node, *found, is_test=is_test)
            if made is not None:
                return made
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv | ast.Mod):
            self._check_division(node)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        copied = copy.copy(node)
        for name, inner in ast.iter_fields(node):
            passes_on = isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
            if isinstance(inner, ast.expr):
                only_truth = (isinstance(node, ast.IfExp) and name == "test") or (passes_on and name == "operand")
                setattr(copied, name, self._value(inner, only_truth))
            elif isinstance(inner, list):
                only_truth = passes_on and is_test
                setattr(copied, name, [self._inner(each, only_truth) for each in inner])
        return copied

    def _compare(self, node: ast.Compare) -> ast.expr:
        """Viper compares signed with signed and unsigned with unsigned only."""
        sides = [node.left, *node.comparators]
        made = [self._value(each) for each in sides]
        kinds = [self.types.of(each) for each in sides]
        if {INT, UINT} <= set(kinds):
            for number, side in enumerate(sides):
                found = range_of(self._scope, side)
                if kinds[number] == INT and (found is None or found.low < 0):
                    fix = f"compare unsigned with unsigned: annotate it as uint, or write uint({ast.unparse(side)})"
                    raise self._mistake(
                        side, f"@hot: {ast.unparse(side)} may be negative, what it is compared with not", fix
                    )
                if kinds[number] == INT:
                    made[number] = called(UINT, made[number])
        return ast.Compare(made[0], node.ops, made[1:])

    def _check_division(self, node: ast.BinOp) -> None:
        if UINT in (self.types.of(node.left), self.types.of(node.right)):
            fix = "divide signed numbers: annotate them as int, or write int(…) around them"
            raise self._mistake(node, f"@hot: viper cannot divide an unsigned number: {ast.unparse(node)}", fix)

    def _inner(self, node: object, is_test: bool) -> object:
        if isinstance(node, ast.expr):
            return self._value(node, is_test)
        if isinstance(node, ast.keyword):
            return ast.keyword(node.arg, self._value(node.value))
        return node

    def _load(self, node: ast.Call, receiver: _Found, name: str, is_test: bool) -> ast.expr | None:
        if name == "encode" and isinstance(receiver, RegisterAt):
            return self._tried(node, lambda: self._accesses.encoded(receiver, node))
        if name not in _LOADS or isinstance(receiver, AtomicOf) or node.args or node.keywords:
            if name not in _LOADS:
                self._keep(node, "its value is used, and it has none")
            return None
        return self._tried(node, lambda: self._accesses.load(receiver, node, is_test))

    def _receiver(self, call: ast.Call) -> tuple[_Found, str] | None:
        """The register or field whose method a call calls, and the method's name."""
        if not isinstance(call.func, ast.Attribute):
            return None
        found, name = self._scope.meaning(call.func.value), call.func.attr
        match found:
            case RegisterAt() | AtomicOf() if name in METHODS:
                return found, name
            case FieldOf() if name in _FIELD_METHODS:
                return found, name
            case Wrong(message=message, fix=fix):
                raise self._mistake(call, message, fix)
            case Unknown(reason=reason) if name in (*METHODS, "get"):
                self._keep(call, reason)
        return None

    def _read_type(self, call: ast.Call) -> str | None:
        if not isinstance(call.func, ast.Attribute):
            return None
        match self._scope.meaning(call.func.value), call.func.attr:
            case (RegisterAt(register=register), "read"):
                return UINT if register.width == WORD_BITS else INT
            case (FieldOf(field=field), "get"):
                return UINT if field.width == WORD_BITS else INT
            case (RegisterAt(register=register, place=place), "encode") if place.index is None and all(
                self._scope.constant(each.value) is not None for each in call.keywords
            ):
                return UINT if register.width == WORD_BITS else INT
        return None

    def _is_critical(self, node: ast.With) -> bool:
        found = self._scope.meaning(node.items[0].context_expr)
        return len(node.items) == 1 and node.items[0].optional_vars is None and found == Symbol(CRITICAL)

    def _critical(self, node: ast.With) -> list[ast.stmt]:
        """Mask, the body, restore; with `finally` only where the body can be left in another way."""
        self.has_locks = True
        name = self._pointers.name("_c")
        enter = ast.parse(f"{name} = int({MASK}())").body
        leave = ast.parse(f"{RESTORE}({name})").body
        body = self.block(node.body)
        runs_through = all(_runs_through(each) for each in body)
        made = [*enter, *body, *leave] if runs_through else [*enter, ast.Try(body, [], [], leave)]
        self._lowered.append(_Lowered(node.items[0].context_expr, [*enter, *leave]))
        return made

    def _tried(self, node: ast.Call, lower: Callable[[], _Made]) -> _Made | None:
        try:
            made = lower()
        except Kept as kept:
            self._keep(node, kept.reason)
            return None
        except Mistaken as mistaken:
            raise self._mistake(node, mistaken.message, mistaken.fix) from None
        assert isinstance(made, ast.expr | list)
        self._lowered.append(_Lowered(node, made))
        return made

    def _mistake(self, node: ast.expr, message: str, fix: str) -> UsageError:
        return UsageError(f"{self._path}:{node.lineno}: {message}", fix)

    def _keep(self, node: ast.expr, reason: str) -> None:
        note = self._note(node, reason=reason)
        if note not in self._kept:
            self._kept.append(note)

    def _note(self, node: ast.expr, result: str | None = None, reason: str | None = None) -> Note:
        source = ast.unparse(node)
        return Note(self._scope.module.file, node.lineno, node.col_offset, source, result, reason)


def _runs_through(node: ast.stmt) -> bool:
    """Whether a statement always ends, and the next one runs: it raises nothing and goes nowhere else."""
    match node:
        case ast.Assign(targets=[ast.Name() | ast.Subscript(value=ast.Name())], value=value):
            return is_pure(ast.fix_missing_locations(_without_loads(value)))
        case ast.Pass():
            return True
    return False


def _without_loads(node: ast.expr) -> ast.expr:
    """The expression with a number in place of each load through one of our pointers."""

    class Loads(ast.NodeTransformer):
        def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
            is_pointer = isinstance(node.value, ast.Name) and not node.value.id
            return ast.Constant(0) if is_pointer else node

    found = Loads().visit(copy.deepcopy(node))
    assert isinstance(found, ast.expr)
    return found


def _spelled(made: list[ast.stmt] | ast.expr) -> str:
    nodes = made if isinstance(made, list) else [made]
    return "; ".join(ast.unparse(ast.fix_missing_locations(each)).replace("\n    ", " ") for each in nodes)
