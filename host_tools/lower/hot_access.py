"""The loads and stores of a `@hot` function that stand for accesses to registers and fields."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from host_tools.lower import spelling
from host_tools.lower.hot_atomic import atomic_store
from host_tools.lower.hot_places import Places
from host_tools.lower.hot_pointers import is_small
from host_tools.lower.hot_types import WORD_BITS
from host_tools.lower.hot_values import Checks, Values, assign, called, either, times, too_wide
from host_tools.lower.meanings import AtomicOf, FieldOf, RegisterAt
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.resolve import Scope
from host_tools.lower.rules import check_changeable, check_register_writable, check_writable, written_field
from host_tools.registers.model import Access, Field


@dataclass
class Change:
    """A read, and what is written back: with `clear` bits cleared, then `bits` set, then `invert` inverted."""

    clear: int = 0
    bits: int = 0
    invert: int = 0
    values: list[ast.expr] = field(default_factory=list)  # in their places already


class Accesses:
    """Makes the loads and stores of one function."""

    def __init__(self, scope: Scope, places: Places, values: Values) -> None:
        """`scope`: the function's own."""
        self._scope = scope
        self._places = places
        self._values = values

    def load(self, found: RegisterAt | FieldOf, original: ast.Call, is_test: bool) -> ast.expr:
        """The expression for `read()` or `get()`; `is_test` where only zero or not counts."""
        register = found.register if isinstance(found, RegisterAt) else found.owner.register
        checks = Checks(original, is_statement=False)
        made: ast.expr
        if isinstance(found, RegisterAt):
            if not register.readable:
                raise Mistaken(f"{found.label} is write-only", "read another register, or correct its access")
            made, unsigned = self._places.element(found, checks), register.width == WORD_BITS
        else:
            if Access.WO in (register.access_of(found.field), register.access):
                raise Mistaken(f"{found.label} is write-only", "read another field, or correct its access")
            made, unsigned = self._field(found, checks, is_test)
        if unsigned:
            made = called("uint", made)
        if checks.wrong:
            kept = called("uint" if unsigned else "int", self._values.original(checks))
            made = ast.IfExp(either(checks.wrong), kept, made)
        return made

    def store(self, found: RegisterAt | FieldOf | AtomicOf, name: str, call: ast.Call) -> list[ast.stmt]:
        """The statements for any call that writes; `name` is the method's."""
        checks = Checks(call)
        if isinstance(found, AtomicOf):
            made = atomic_store(found.owner, name, call, self._places, self._values, checks)
        elif isinstance(found, FieldOf):
            made = self._change_field(found, name, call, checks)
        elif name == "write":
            made = self._write(found, call, checks)
        else:
            check_changeable(found)
            element = self._places.element(found, checks)
            made = self._change(element, found, self._change_of(found, name, call, checks))
        return [*checks.before, *self._values.guard(checks), made]

    def encoded(self, found: RegisterAt, call: ast.Call) -> ast.expr:
        """The number that `encode(…)` always returns."""
        if found.place.index is not None:
            raise Kept("which element it is, is known on the chip only")
        fields = self._fields(found, call)
        values = {each.name: self._scope.constant(value) for each, value in fields}
        if call.args or None in values.values():
            raise Kept("its value is known on the chip only")
        for each, value in fields:
            self._values.value(f"{found.label}.{each.name}", each.largest, value, Checks(call))
        number = found.register.encode({name: value for name, value in values.items() if value is not None})
        made = self._values.number(number)
        return called("uint", made) if found.register.width == WORD_BITS else made

    def _field(  # noqa: PLR0911 - one a place in the register
        self, found: FieldOf, checks: Checks, is_test: bool
    ) -> tuple[ast.expr, bool]:
        each = found.field
        width = found.owner.register.width
        element = self._places.element(found.owner, checks)
        if found.index is not None:
            shift = self._shift(found, checks)
            return ast.BinOp(
                ast.BinOp(element, ast.RShift(), shift), ast.BitAnd(), self._values.number(each.largest)
            ), False
        if each.width == width:
            return element, width == WORD_BITS
        if is_test and is_small(each.mask):
            return ast.BinOp(element, ast.BitAnd(), self._values.number(each.mask)), False
        if each.bit + each.width == width:
            if width < WORD_BITS:
                return ast.BinOp(element, ast.RShift(), ast.Constant(each.bit)), False
            return called("int", ast.BinOp(called("uint", element), ast.RShift(), ast.Constant(each.bit))), False
        if each.bit:
            return ast.BinOp(ast.BinOp(element, ast.RShift(), ast.Constant(each.bit)), ast.BitAnd(),
                             self._values.number(each.largest)), False  # fmt: skip
        return ast.BinOp(element, ast.BitAnd(), self._values.number(each.largest)), False

    def _shift(self, found: FieldOf, checks: Checks) -> ast.expr:
        assert found.index is not None
        shift = times(self._values.index(found.index, checks), found.index.stride)
        return ast.BinOp(shift, ast.Add(), ast.Constant(found.field.bit)) if found.field.bit else shift

    def _change_field(self, found: FieldOf, name: str, call: ast.Call, checks: Checks) -> ast.stmt:
        each, owner = found.field, found.owner
        check_writable(found.label, owner.register.access_of(each))
        check_changeable(owner)
        if name == "set" and len(call.args) == 1 and not call.keywords:
            value: ast.expr = call.args[0]
        elif name in ("clear", "toggle") and not call.args and not call.keywords:
            value = ast.Constant(0)
        else:
            raise Kept(f"{name} is called in a way that is not known")
        element = self._places.element(owner, checks)
        if found.index is not None:
            return self._change_element(element, found, name, value, checks)
        if name == "toggle":
            return self._change(element, owner, Change(invert=each.mask))
        change = Change(clear=each.mask)
        self._put(change, found.label, each, value, checks)
        return self._change(element, owner, change)

    def _change_element(
        self, element: ast.Subscript, found: FieldOf, name: str, value: ast.expr, checks: Checks
    ) -> ast.stmt:
        """A field whose place is known on the chip only."""
        register, largest = found.owner.register, found.field.largest
        if register.keep_zero or register.keep_one:
            raise Kept("it has flags that act on being written, and which field it is, is known on the chip only")
        shift = self._values.held(self._shift(found, checks), checks)
        made = self._values.value(found.label, largest, value, checks)
        mask = ast.BinOp(self._values.number(largest), ast.LShift(), shift)
        if name == "toggle":
            return assign(element, ast.BinOp(element, ast.BitXor(), mask))
        cleared = ast.BinOp(element, ast.BitAnd(), ast.UnaryOp(ast.Invert(), mask))
        if isinstance(made, ast.Constant) and made.value == 0:
            return assign(element, cleared)
        return assign(element, ast.BinOp(cleared, ast.BitOr(), ast.BinOp(made, ast.LShift(), shift)))

    def _write(self, found: RegisterAt, call: ast.Call, checks: Checks) -> ast.stmt:
        register = found.register
        check_register_writable(found)
        element = self._places.element(found, checks)
        if len(call.args) == 1 and not call.keywords:
            return assign(element, self._values.value(found.label, register.mask, call.args[0], checks))
        if call.args:
            raise Kept("write takes a value or fields, not both")
        fields = self._fields(found, call)
        mask = 0
        for each, _ in fields:
            mask |= each.mask
        change = Change(bits=register.rest(mask))
        for each, value in fields:
            self._put(change, f"{found.label}.{each.name}", each, value, checks)
        parts = [*change.values]
        if change.bits or not parts:
            parts.append(self._values.number(change.bits))
        return assign(element, _or(parts))

    def _fields(self, found: RegisterAt, call: ast.Call) -> list[tuple[Field, ast.expr]]:
        named = []
        for word in call.keywords:
            if word.arg is None:
                raise Kept("which fields are written is known on the chip only")
            named.append((written_field(found, word.arg), word.value))
        return named

    def _change_of(self, found: RegisterAt, name: str, call: ast.Call, checks: Checks) -> Change:
        change = Change()
        if name == "modify" and not call.args:
            for each, value in self._fields(found, call):
                change.clear |= each.mask
                self._put(change, f"{found.label}.{each.name}", each, value, checks)
            return change
        if name not in ("set", "clear", "toggle") or len(call.args) != 1 or call.keywords:
            raise Kept(f"{name} is called in a way that is not known")
        mask = self._scope.constant(call.args[0])
        if mask is None:
            raise Kept("which bits change is known on the chip only")
        if not 0 <= mask <= found.register.mask:
            raise Mistaken(*too_wide(found.label, found.register.width, mask))
        if name == "toggle":
            change.invert = mask
        else:
            change.clear = mask
            change.bits = mask if name == "set" else 0
        return change

    def _change(self, element: ast.Subscript, found: RegisterAt, change: Change) -> ast.stmt:
        whole = spelling.Change.of(found.register, change.clear, change.bits, change.invert)
        made: ast.expr = element
        if cleared := whole.clear & ~whole.bits:
            made = ast.BinOp(made, ast.BitAnd(), self._values.number(~cleared))
        for value in change.values:
            made = ast.BinOp(made, ast.BitOr(), value)
        if whole.bits:
            made = ast.BinOp(made, ast.BitOr(), self._values.number(whole.bits))
        if whole.invert:
            made = ast.BinOp(made, ast.BitXor(), self._values.number(whole.invert))
        return assign(element, made)

    def _put(self, change: Change, label: str, each: Field, value: ast.expr, checks: Checks) -> None:
        number = self._values.known(label, each.largest, value)
        if number is not None:
            change.bits |= number << each.bit
            return
        made = self._values.value(label, each.largest, value, checks)
        change.values.append(ast.BinOp(made, ast.LShift(), ast.Constant(each.bit)) if each.bit else made)


def _or(parts: Sequence[ast.expr]) -> ast.expr:
    made = parts[0]
    for each in parts[1:]:
        made = ast.BinOp(made, ast.BitOr(), each)
    return made
