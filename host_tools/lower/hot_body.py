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
from host_tools.lower.hot_channels import HotChannels
from host_tools.lower.hot_locks import HotLocks, Locking
from host_tools.lower.hot_pins import OPERATIONS, HotPins, operation
from host_tools.lower.hot_places import Places
from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import BOOL, INT, NUMBERS, SIGN, UINT, WORD_BITS, Types
from host_tools.lower.hot_values import Values, called
from host_tools.lower.locks import shared_words
from host_tools.lower.meanings import AtomicOf, FieldOf, RegisterAt, Unknown, Wrong
from host_tools.lower.members import METHODS
from host_tools.lower.notes import Kept, Mistaken, Note
from host_tools.lower.ranges import range_of
from host_tools.lower.resolve import Scope

_FIELD_METHODS = ("get", "set", "clear", "toggle")
_LOADS = ("read", "get")
_Made = TypeVar("_Made")
_Found = RegisterAt | FieldOf | AtomicOf


@dataclass
class _Lowered:
    """An access, and what it became, to be spelled when the pointers have their names."""

    node: ast.expr
    made: list[ast.stmt] | ast.expr | str


class Body:
    """Rewrites the body of one function."""

    def __init__(
        self, node: ast.FunctionDef, scope: Scope, path: str, pointers: Pointers, locking: Locking | None
    ) -> None:
        """`path`: what its user calls the file. `locking`: None leaves locks as they are."""
        self._scope = scope
        self._path = path
        self._pointers = pointers
        self._locking = locking
        self.channels = HotChannels(scope, pointers)
        words = shared_words(node, scope) if locking else frozenset()
        self.types = Types(node, self._read_type, scope.constant, words)
        if self.types.mixed:
            name, value = self.types.mixed
            message = f"@hot: {name} is an integer, and viper does not know that {ast.unparse(value)} is one"
            raise self._mistake(value, message, "write int(…) or uint(…) around it")
        values = Values(scope, path, pointers, self.types, self._value)
        self._accesses = Accesses(scope, Places(scope, pointers, self.types, values), values)
        self._lowered: list[_Lowered] = []
        self._kept: list[Note] = []
        self.locks = HotLocks(node, scope, pointers, self.types)
        self._pins = HotPins(scope, self._accesses, self.locks, locking, self._value)
        self.returned: str | None = None  # the type of what the function returns, None for an object

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements that take the place of these."""
        return [made for each in statements for made in self._statement(each)]

    def notes(self) -> list[Note]:
        """What was lowered and what was not; after the pointers' setup."""
        made = [self._note(each.node, result=_spelled(each.made)) for each in self._lowered]
        return list(dict.fromkeys([*self._kept, *made]))

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:  # noqa: C901, PLR0911 - one a kind of statement
        if (made := self._take(node)) is not None:
            return made
        match node:
            case ast.Expr(value=ast.Call() as call):
                made = self._action(call)
                return [ast.Expr(self._value(call))] if made is None else made
            case ast.With() if (made_with := self._lock(node)) is not None:
                return made_with
            case ast.Assign(targets=[target], value=value) if self.locks.is_word(target):
                return self._stored(target, value)
            case ast.AugAssign(target=ast.Attribute() as target, op=sign, value=value) if self.locks.is_word(target):
                old = ast.Attribute(target.value, target.attr, ast.Load())
                return self._stored(target, ast.BinOp(old, sign, value))
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

    def _take(self, node: ast.stmt) -> list[ast.stmt] | None:
        """The statements for one whose value is `channel.take()` or `put(…)`."""
        if (
            self._locking is None
            or not self._locking.spliced
            or not isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return)
        ):
            return None
        value = node.value
        if isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Name):
            return None
        if self.channels.is_put(value):
            assert isinstance(value, ast.Call)
            if (given := self._unsigned(value.args[0])) is None:
                return None
            taking, item = self.channels.put(value, given, self._locking)
            self._lowered.append(_Lowered(value, "a word is put in, or refused, by machine code"))
        elif value is not None and self.channels.is_take(value):
            taking, item = self.channels.take(value, self._locking)
            told = "a word is taken out by machine code; the call is made if there is none"
            self._lowered.append(_Lowered(value, told))
        else:
            return None
        if isinstance(node, ast.Expr):
            return taking
        made = copy.copy(node)
        made.value = item
        if isinstance(made, ast.Assign):
            made.targets = [self._value(each) for each in made.targets]
        return [*taking, made]

    def _unsigned(self, node: ast.expr) -> ast.expr | None:
        """An expression as an unsigned number, None where it may be none."""
        kind = self.types.of(node)
        found = range_of(self._scope, node)
        is_sure = kind in (UINT, BOOL) or self.types.counts_up(node) or (found is not None and found.low >= 0)
        return called(UINT, self._value(node)) if kind in NUMBERS and is_sure else None

    def _stored(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """A store to a shared word."""
        ast.copy_location(value, target)
        if self.types.of(value) not in NUMBERS:
            message = f"@hot: viper does not know that {ast.unparse(value)} is an integer"
            raise self._mistake(target, message, "write int(…) or uint(…) around it")
        return [ast.Assign([self._value(target)], self._value(value), lineno=0)]

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
        if (driven := operation(call, self._scope)) is not None:
            return None if driven.is_read else self._tried(call, lambda: self._pins.store(driven))
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
        if (shared := self._shared(node)) is not None:
            return shared
        if isinstance(node, ast.Call) and (made := self._called(node, is_test)) is not None:
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

    def _called(self, node: ast.Call, is_test: bool) -> ast.expr | None:
        """What a call that reads a register or a pin becomes, None for any other call."""
        if (pin := operation(node, self._scope)) is not None:
            return self._tried(node, lambda: self._pins.load(pin, is_test)) if pin.is_read else None
        found = self._receiver(node)
        return self._load(node, *found, is_test=is_test) if found else None

    def _shared(self, node: ast.expr) -> ast.expr | None:
        """A shared word, or what is asked of a channel; None for any other expression."""
        if self._locking is None:
            return None
        if (word := self.locks.word(node)) is not None:
            return called(UINT, word) if isinstance(getattr(node, "ctx", None), ast.Load) else word
        if self.channels.is_take(node):
            self._keep(node, "it is part of an expression; assign it to a name first")
            return called(UINT, node)
        if self.channels.is_put(node):
            self._keep(node, "it is part of an expression, or its item may be negative: write uint(…) around that")
            assert isinstance(node, ast.Call)
            return called(UINT, called(BOOL, ast.Call(node.func, [self._value(node.args[0])], [])))
        return self.channels.waiting(node)

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
            case Unknown(reason=reason) if name in (*METHODS, *OPERATIONS, "get"):
                self._keep(call, reason)
        return None

    def _read_type(self, call: ast.Call | ast.Attribute) -> str | None:
        if self._locking is not None and (kind := self.channels.type_of(call)) is not None:
            return kind
        if (found := operation(call, self._scope)) is not None:
            return INT if found.is_read else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            return self._register_type(call, call.func)
        return None

    def _register_type(self, call: ast.Call, method: ast.Attribute) -> str | None:
        match self._scope.meaning(method.value), method.attr:
            case (RegisterAt(register=register), "read"):
                return UINT if register.width == WORD_BITS else INT
            case (FieldOf(field=field), "get"):
                return UINT if field.width == WORD_BITS else INT
            case (RegisterAt(register=register, place=place), "encode") if place.index is None and all(
                self._scope.constant(each.value) is not None for each in call.keywords
            ):
                return UINT if register.width == WORD_BITS else INT
        return None

    def _lock(self, node: ast.With) -> list[ast.stmt] | None:
        """The statements in place of a lock; None for what is none, or stays."""
        if self._locking is None:
            return None
        at = node.items[0].context_expr
        try:
            found = self.locks.statement(node, self._locking, self.block)
        except Kept as kept:
            self._keep(at, kept.reason)
            return None
        except Mistaken as mistaken:
            raise self._mistake(at, mistaken.message, mistaken.fix) from None
        if found is None:
            return None
        made, told = found
        self._lowered.append(_Lowered(at, told))
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


def _spelled(made: list[ast.stmt] | ast.expr | str) -> str:
    if isinstance(made, str):
        return made
    nodes = made if isinstance(made, list) else [made]
    texts = (ast.unparse(ast.fix_missing_locations(each)) for each in nodes)
    return "; ".join(text.replace("\n    ", " ").replace("\n", " ") for text in texts)
