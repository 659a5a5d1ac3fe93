"""The class of a block, read from its syntax: its registers, its size and how its bits can be changed atomically."""

import ast
from collections import ChainMap

from host_tools.registers.definitions import Definitions, end_of, mistake
from host_tools.registers.expressions import Scope, UnreadableError, evaluate, in_register, integer
from host_tools.registers.model import Block, Cluster, Register

_ATOMIC = {in_register(name): name for name in ("ALIASES", "BIT_BAND")}


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
        self._size: int | None = None
        self._atomic: str | None = None
        self._set_reset: dict[str, str] = {}
        for base in bases:
            self._inherit(base)
        for base in bases[:1]:
            self._size, self._atomic, self._set_reset = base.size, base.atomic, dict(base.set_reset)
        self._lines: dict[str, int] = {}

    def block(self) -> Block:
        for statement in self._node.body:
            self._read(statement)
        self._check_size()
        self._check_set_reset()
        text = ast.get_docstring(self._node) or ""
        items = tuple(self._items.values())
        return Block(self._node.name, items, self._size, self._atomic, tuple(self._set_reset.items()), text)

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
        if name == "SIZE":
            self._size = integer(value, self._scope)
        elif name == "ATOMIC":
            self._atomic = self._read_atomic(value)
        elif name == "SET_RESET":
            self._set_reset = self._read_pairs(value)
        else:
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

    def _read_pairs(self, value: ast.expr) -> dict[str, str]:
        try:
            pairs = ast.literal_eval(value)
        except ValueError:
            raise UnreadableError(value.lineno, f"SET_RESET {ast.unparse(value)} is made at run time") from None
        if not isinstance(pairs, dict) or not all(isinstance(each, str) for pair in pairs.items() for each in pair):
            fix = 'write SET_RESET = {"ODR": "BSRR"}'
            raise self._mistake(value.lineno, "SET_RESET", "no pairs of registers' names", fix)
        return pairs

    def _check_size(self) -> None:
        if self._size is None:
            return
        for item in self._items.values():
            if end_of(item) > self._size:
                line = self._lines.get(item.name, self._node.lineno)
                fix = "correct the offset or the size"
                raise self._mistake(line, item.name, f"ends at {end_of(item):#x}, outside SIZE {self._size:#x}", fix)

    def _check_set_reset(self) -> None:
        line = self._lines.get("SET_RESET", self._node.lineno)
        for name in (each for pair in self._set_reset.items() for each in pair):
            if not isinstance(self._items.get(name), Register):
                fix = "name a register of this block"
                raise self._mistake(line, "SET_RESET", f"there is no register {name}", fix)

    def _mistake(self, line: int, what: str, message: str, fix: str) -> Exception:
        return mistake(self._path, line, f"{self._node.name}.{what}", message, fix)
