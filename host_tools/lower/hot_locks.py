"""The locks of a `@hot` function: placeholders for the instructions that mask and unmask.

There is a `finally` only where the body of a lock can raise, or be left in another way.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import NUMBERS, Types
from host_tools.lower.locks import (
    MASK,
    RESTORE,
    Everything,
    Lock,
    Masked,
    Nothing,
    UpTo,
    called_as,
    check_inside,
    check_uses,
    lock_of,
)
from host_tools.lower.meanings import SharedAt
from host_tools.lower.notes import Kept
from host_tools.lower.placeholders import Kind, Placeholders
from host_tools.lower.resolve import Scope
from host_tools.lower.tasks import Tasks

_ISER, _ICER = 0xE000_E100, 0xE000_E180  # the first words: DDI 0419E, B3.4.3 and B3.4.4
_CASTS = ("int", "uint", "bool")
_MAY_RAISE = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)


@dataclass(frozen=True)
class Locking:
    """What lowering the locks of a module takes. tasks: None where the board is not known.

    spliced: whether machine code can take the place of placeholders. called: functions of `corten.masking` in use.
    """

    tasks: Tasks | None
    spliced: bool = True
    placeholders: Placeholders = field(default_factory=Placeholders)
    called: set[str] = field(default_factory=set)


class HotLocks:
    """Lowers the locks of one function."""

    def __init__(self, function: ast.FunctionDef, scope: Scope, pointers: Pointers, types: Types) -> None:
        """`scope`: the function's own."""
        self._function = function
        self._scope = scope
        self._pointers = pointers
        self._types = types
        self._held: list[Lock] = []
        self.setup: list[ast.stmt] = []  # for the function's start
        self._locals: dict[int, str] = {}

    def statement(
        self, node: ast.With, locking: Locking, block: Callable[[Sequence[ast.stmt]], list[ast.stmt]]
    ) -> tuple[list[ast.stmt], str] | None:
        """The statements in place of a `with`, and what they do to the mask, in words; None for one that is no lock.

        block: rewrites the statements inside. Raises Kept and Mistaken.
        """
        lock = lock_of(node, self._scope, locking.tasks)
        if lock is None:
            return None
        check_inside(lock, node, self._shared())
        check_uses(lock, node, self._function)
        if lock.shared is not None and not lock.shared.is_word:
            raise Kept("machine code can use a SharedWord, but no Shared")
        enter, leave = self._around(lock.masked, node.lineno, locking)
        self._held.append(lock)
        try:
            body = block(node.body)
        finally:
            self._held.pop()
        if not enter:
            return body, "masks nothing"
        if all(self._runs_through(each) for each in body):
            return [*enter, *body, *leave], _told(lock)
        return [ast.Try([*enter, *body], [], [], leave)], _told(lock)

    def all_masked(self, body: Sequence[ast.stmt], line: int, locking: Locking) -> list[ast.stmt]:
        """Statements that end in any case, with all interrupts masked around them."""
        enter, leave = self._around(Everything(), line, locking)
        return [*enter, *body, *leave]

    def is_word(self, node: ast.expr) -> bool:
        """Whether an expression is the value of what is locked here."""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="value"):
                return any(lock.name == name for lock in self._held)
        return False

    def word(self, node: ast.expr) -> ast.Subscript | None:
        """The word of a shared value that is locked here, None for any other expression."""
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr="value"):
                for lock in reversed(self._held):
                    if lock.name == name:
                        assert lock.owner is not None
                        return self._pointers.element(32, 0, source=f"{ast.unparse(lock.owner)}._words")
        return None

    def _shared(self) -> list[SharedAt]:
        return [lock.shared for lock in self._held if lock.shared is not None]

    def _around(self, masked: Masked, line: int, locking: Locking) -> tuple[list[ast.stmt], list[ast.stmt]]:
        match masked:
            case Nothing():
                return [], []
            case _ if not locking.spliced:
                return self._calls(masked, locking)
            case Everything():
                name = self._pointers.name("_c")
                enter = locking.placeholders.add(Kind.MASK, name, line)
                return enter, locking.placeholders.add(Kind.UNMASK, name, line)
            case UpTo(priority=priority):
                assert locking.tasks is not None
                core = locking.tasks.core
                if not core.basepri:
                    return self._sources(locking.tasks.sources(priority), line, locking)
                name = self._pointers.name("_c")
                enter = locking.placeholders.add(Kind.RAISE, name, line, core.level(priority))
                return enter, locking.placeholders.add(Kind.LOWER, name, line)

    def _calls(self, masked: Masked, locking: Locking) -> tuple[list[ast.stmt], list[ast.stmt]]:
        if not isinstance(masked, Everything):
            raise Kept("its machine code is compiled where none can be put in")
        name = self._pointers.name("_c")
        locking.called.update((MASK, RESTORE))
        return (
            ast.parse(f"{name} = int({called_as(MASK)}())").body,
            ast.parse(f"{called_as(RESTORE)}({name})").body,
        )

    def _sources(self, mask: int, line: int, locking: Locking) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """For a core without BASEPRI: the lines themselves are disabled."""
        found = self._pointers.name("_c")
        off, on, lines = (self._local(value) for value in (_ICER, _ISER, mask))
        enter = locking.placeholders.add_chain(Kind.SOURCES_OFF, found, line, off, lines)
        return enter, locking.placeholders.add_chain(Kind.SOURCES_ON, "", line, on, found)

    def _local(self, value: int) -> str:
        """A local that has a number from the function's start on."""
        if value not in self._locals:
            self._locals[value] = self._pointers.name("_n")
            high, low = value >> 16, value & 0xFFFF
            name = self._locals[value]
            self.setup += ast.parse(f"{name} = uint({high}); {name} = {name} << 16 | {low}").body
        return self._locals[value]

    def _runs_through(self, node: ast.stmt) -> bool:
        """Whether a rewritten statement always ends, and the next one runs: it raises nothing and goes nowhere else."""
        match node:
            case ast.Assign(targets=[target], value=value):
                return self._is_sure(target) and self._is_sure(value)
            case ast.AugAssign(target=target, op=sign, value=value):
                return not isinstance(sign, _MAY_RAISE) and self._is_sure(target) and self._is_sure(value)
            case ast.Expr(value=value):
                return self._is_sure(value)
            case ast.If(test=test, body=body, orelse=others):
                return self._is_sure(test) and all(self._runs_through(each) for each in (*body, *others))
            case ast.Pass():
                return True
        return False

    def _is_sure(self, node: ast.expr) -> bool:  # noqa: C901, PLR0911 - one case a kind of expression
        """Whether a rewritten expression is made of integers and of loads through pointers."""
        match node:
            case ast.Constant(value=value):
                return isinstance(value, int)
            case ast.Name(id=name):
                return self._is_own(name) or self._types.names.get(name) in NUMBERS
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                is_pointer = not name or self._types.names.get(name, "").startswith("ptr")
                return is_pointer and self._is_sure(index)
            case ast.Subscript(value=ast.Call(func=ast.Name(id="ptr32"), args=[ast.Constant()])):
                return True
            case ast.BinOp(left=left, op=sign, right=right):
                return not isinstance(sign, _MAY_RAISE) and self._is_sure(left) and self._is_sure(right)
            case ast.UnaryOp(operand=operand):
                return self._is_sure(operand)
            case ast.BoolOp(values=values):
                return all(self._is_sure(each) for each in values)
            case ast.Compare(left=left, ops=signs, comparators=others):
                is_number = all(not isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in signs)
                return is_number and all(self._is_sure(each) for each in (left, *others))
            case ast.IfExp(test=test, body=body, orelse=other):
                return all(self._is_sure(each) for each in (test, body, other))
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _CASTS:
                return self._is_sure(argument)
        return False

    def _is_own(self, name: str) -> bool:
        """Whether a name was made up here: all of these hold integers."""
        return name in self._pointers.made


def _told(lock: Lock) -> str:
    if isinstance(lock.masked, UpTo):
        return f"BASEPRI masks up to {lock.masked.priority}, and is as before afterwards"
    return "PRIMASK masks all, and is as before afterwards"
