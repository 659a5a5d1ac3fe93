"""The class of a block, read from its syntax: its registers, its size and how its bits can be changed atomically."""

import ast
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from host_tools.registers.definitions import Definitions, end_of, mistake
from host_tools.registers.expressions import Scope, UnreadableError, evaluate, in_register, integer
from host_tools.registers.model import Block, Cluster, Register

_ATOMIC = {in_register(name): name for name in ("ALIASES", "BIT_BAND")}
_EXAMPLES = {
    "SET_RESET": 'SET_RESET = {"ODR": "BSRR"}',
    "SET_CLEAR": 'SET_CLEAR = {"OUT": ("OUT_SET", "OUT_CLR", None)}',
}

_Pair = TypeVar("_Pair", str, tuple[str, str, str | None])


def read_block(path: str, node: ast.ClassDef, bases: list[Block], names: Scope) -> Block:
    """The block that a class defines on top of its bases.

    names: what names mean in the module. UsageError for a definition that makes no sense, UnreadableError if the class
    is made at run time.
    """
    return _Body(path, node, bases, names).block()


class _Body:
    def __init__(self, path: str, node: ast.ClassDef, bases: list[Block], names: Scope) -> None:
        self._path = path
        self._node = node
        self._own: dict[str, object] = {}
        self._scope = ChainMap(self._own, dict(names))
        self._definitions = Definitions(path, node.name, self._scope)
        self._items: dict[str, Register | Cluster] = {}
        self._says = Block(node.name, ()) if not bases else replace(bases[0], name=node.name)
        for base in bases:
            self._inherit(base)
        self._lines: dict[str, int] = {}

    def block(self) -> Block:
        for statement in self._node.body:
            self._read(statement)
        self._check_size()
        for name, register in self._named():
            self._check_named(name, register)
        self._check_widths()
        return replace(self._says, items=tuple(self._items.values()), text=ast.get_docstring(self._node) or "")

    def _inherit(self, base: Block) -> None:
        for item in base.items:
            if self._items.setdefault(item.name, item) != item:
                raise UnreadableError(self._node.lineno, f"two of its bases define {item.name}")

    def _read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assign(name, value)
            case ast.Expr(value=ast.Constant()) | ast.FunctionDef() | ast.ClassDef() | ast.Pass() | ast.AnnAssign():
                pass
            case _:
                raise UnreadableError(statement.lineno, "its class runs more than definitions")

    def _assign(self, name: str, value: ast.expr) -> None:
        if name in self._lines:
            fix = "rename one of them"
            raise self._mistake(value.lineno, name, f"is defined twice, first in line {self._lines[name]}", fix)
        self._lines[name] = value.lineno
        match name, value:
            case "SIZE", _:
                self._says = replace(self._says, size=integer(value, self._scope))
            case "ATOMIC", _:
                self._says = replace(self._says, atomic=self._read_atomic(value))
            case "SET_RESET", _:
                self._says = replace(self._says, set_reset=tuple(self._read_pairs(name, value, str).items()))
            case "SET_CLEAR", _:
                self._says = replace(self._says, set_clear=tuple(self._read_pairs(name, value, tuple).items()))
            case "OUTPUT", ast.Constant(value=str(register)):
                self._says = replace(self._says, output=register)
            case "OPEN_DRAIN", ast.Constant(value=str(register)):
                self._says = replace(self._says, open_drain=register)
            case "INPUT", ast.Constant(value=str(register)):
                self._says = replace(self._says, input=register)
            case "INPUT_FIRST", _:
                self._says = replace(self._says, input_first=integer(value, self._scope))
            case _:
                self._define(name, value)

    def _define(self, name: str, value: ast.expr) -> None:
        item = self._definitions.item(name, value)
        if item is not None:
            self._items[name] = item
            return
        if name in self._items:
            raise UnreadableError(value.lineno, f"{name} of its base is replaced by what is no register")
        if isinstance(value, ast.Name | ast.Attribute | ast.BinOp | ast.UnaryOp) or (
            isinstance(value, ast.Constant) and isinstance(value.value, int)
        ):
            self._own[name] = evaluate(value, self._scope)

    def _read_atomic(self, value: ast.expr) -> str | None:
        if isinstance(value, ast.Constant) and value.value is None:
            return None
        found = evaluate(value, self._scope)
        if found not in _ATOMIC:
            raise self._mistake(value.lineno, "ATOMIC", f"{ast.unparse(value)} is no way", "give ALIASES or BIT_BAND")
        return _ATOMIC[found]

    def _read_pairs(self, name: str, value: ast.expr, kind: type[_Pair]) -> dict[str, _Pair]:
        """SET_RESET, whose pairs end in a register's name, or SET_CLEAR, whose end in three."""
        try:
            pairs = ast.literal_eval(value)
        except ValueError:
            raise UnreadableError(value.lineno, f"{name} {ast.unparse(value)} is made at run time") from None
        is_known = isinstance(pairs, dict) and all(
            isinstance(register, str) and isinstance(other, kind) and (kind is str or _are_three(other))
            for register, other in pairs.items()
        )
        if not is_known:
            raise self._mistake(value.lineno, name, "no pairs of registers' names", f"write {_EXAMPLES[name]}")
        return dict(pairs)

    def _check_size(self) -> None:
        size = self._says.size
        if size is None:
            return
        for item in self._items.values():
            if end_of(item) > size:
                line = self._lines.get(item.name, self._node.lineno)
                fix = "correct the offset or the size"
                raise self._mistake(line, item.name, f"ends at {end_of(item):#x}, outside SIZE {size:#x}", fix)

    def _named(self) -> Iterator[tuple[str, str]]:
        """The registers that the block names, each with where it does."""
        yield from (("SET_RESET", each) for pair in self._says.set_reset for each in pair)
        for register, others in self._says.set_clear:
            yield from (("SET_CLEAR", each) for each in (register, *others) if each is not None)
        yield from (("OUTPUT", each) for each in (self._says.output,) if each is not None)
        yield from (("OPEN_DRAIN", each) for each in (self._says.open_drain,) if each is not None)
        yield from (("INPUT", each) for each in (self._says.input,) if each is not None)

    def _check_named(self, name: str, register: str) -> None:
        if not isinstance(self._items.get(register), Register):
            line = self._lines.get(name, self._node.lineno)
            raise self._mistake(line, name, f"there is no register {register}", "name a register of this block")

    def _check_widths(self) -> None:
        for register, others in self._says.set_clear:
            for name in (each for each in others if each is not None):
                widths = {item.width for each in (register, name) if isinstance(item := self._items[each], Register)}
                if len(widths) > 1:
                    line = self._lines.get("SET_CLEAR", self._node.lineno)
                    fix = "name registers of one width"
                    raise self._mistake(line, "SET_CLEAR", f"{register} and {name} are not equally wide", fix)

    def _mistake(self, line: int, what: str, message: str, fix: str) -> Exception:
        return mistake(self._path, line, f"{self._node.name}.{what}", message, fix)


def _are_three(names: object) -> bool:
    """Whether it names a register that sets, one that clears and, unless None, one that toggles."""
    match names:
        case (str(), str(), str() | None):
            return True
    return False
