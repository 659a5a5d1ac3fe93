"""Reads the register tables of a firmware module from its source, without running it."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from host_tools.errors import UsageError
from host_tools.registers.class_body import read_block
from host_tools.registers.definitions import mistake, unit
from host_tools.registers.expressions import (
    CONST,
    REGISTER_MODULE,
    Symbol,
    Unknown,
    UnreadableError,
    evaluate,
    in_register,
    integer,
)
from host_tools.registers.model import Block, Instance, Values
from host_tools.registers.module import Imports, Module, Package

__all__ = ["Imports", "Library", "Module", "read_file", "read_module"]

_BLOCK = in_register("Block")
_ADDRESSES = 1 << 32


class Library:
    """The modules below some folders, each read once: an `Imports`.

    One that is being read is unknown, as half of it would be in Python, so that modules may import each other.
    """

    def __init__(self, *folders: Path) -> None:
        """`folders`: where packages and modules are looked for, in this order."""
        self._folders = folders
        self._found: dict[str, Module | None] = {}

    def __call__(self, name: str) -> Module | None:
        """The module of that dotted name, None if there is none. UsageError if it cannot be read."""
        if name not in self._found:
            self._found[name] = None
            path = self._find(name)
            if path is not None:
                self._found[name] = read_file(path, self, name)
        return self._found[name]

    def _find(self, name: str) -> Path | None:
        relative = Path(*name.split("."))
        files = (folder / each for folder in self._folders for each in (relative / "__init__.py", f"{relative}.py"))
        return next((path for path in files if path.is_file()), None)


def read_file(path: Path, imports: Imports | None = None, name: str = "") -> Module:
    """As `read_module`, of a file. UsageError also for one that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give a module's file in UTF-8") from None
    return read_module(text, str(path), imports, name)


def read_module(text: str, path: str, imports: Imports | None = None, name: str = "") -> Module:
    """What a module's source says about registers.

    path: for messages, and to know a package by its `__init__.py`. imports: gives the modules that it imports from;
    none are read without. name: its own dotted name, which relative imports need.

    UsageError names the line of a definition that makes no sense, or of a syntax error. A block that is made at run
    time is no error: see `Module.unreadable`.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UsageError(f"{path}:{line}: {error.args[0]}", "correct the module's syntax") from None
    return _Reader(tree, path, imports or (lambda _: None), name).module


class _Reader:
    def __init__(self, tree: ast.Module, path: str, imports: Imports, name: str) -> None:
        self.module = Module(path, name, names={"const": CONST})
        # What `corten.register` defines is known here by its names.
        self._imports: Imports = lambda dotted: None if dotted == REGISTER_MODULE else imports(dotted)
        self._bound = Counter(_bindings(tree))
        for statement in tree.body:
            self._read(statement)

    def _read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import():
                self._import(statement)
            case ast.ImportFrom():
                self._import_from(statement)
            case ast.ClassDef():
                self._class(statement)
            case ast.Assign(value=value):
                for target in statement.targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, value)
            case _:
                self._inner(statement)

    def _inner(self, statement: ast.stmt) -> None:
        for node in ast.walk(statement):
            if isinstance(node, ast.ClassDef) and _BLOCK in self._bases(node):
                self.module.unreadable[node.name] = node.lineno, "it is defined inside another statement"
                self.module.lines[node.name] = node.lineno

    def _bind(self, name: str, meaning: object) -> bool:
        """Whether the name means this from here on, whatever runs."""
        if self._bound[name] == 1:
            self.module.names[name] = meaning
            return True
        self.module.names[name] = Unknown(f"{name} is bound more than once")
        return False

    def _import(self, statement: ast.Import) -> None:
        for alias in statement.names:
            if alias.asname is None:
                top = alias.name.partition(".")[0]
                self.module.names[top] = Package(top, self._imports)
            else:
                self._bind(alias.asname, self._imports(alias.name) or Symbol(alias.name))

    def _import_from(self, statement: ast.ImportFrom) -> None:
        source = self._absolute(statement)
        found = self._imports(source) if source else None
        for alias in statement.names:
            meaning = found.member(alias.name) if found is not None else None
            if meaning is None and source:
                dotted = f"{source}.{alias.name}"
                meaning = self._imports(dotted) or Symbol(dotted)
            self._bind(alias.asname or alias.name, meaning or Unknown(f"{alias.name} is imported from nowhere known"))

    def _absolute(self, statement: ast.ImportFrom) -> str:
        """The dotted name that a `from … import` names, empty if that is not known."""
        if not statement.level:
            return statement.module or ""
        parts = self.module.name.split(".")
        up = statement.level - self.module.is_package
        package = parts[: len(parts) - up]
        return ".".join([*package, statement.module or ""]).strip(".") if self.module.name else ""

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        name = target.id
        try:
            meaning = self._instance(name, value) or evaluate(value, self.module.names)
        except UnreadableError as error:
            meaning = Unknown(error.reason)
        if not self._bind(name, meaning):
            return
        if isinstance(meaning, Instance) and meaning.name == name:
            self.module.instances[name] = meaning
        elif isinstance(meaning, int):
            self.module.constants[name] = meaning

    def _instance(self, name: str, value: ast.expr) -> Instance | None:
        match value:
            case ast.Call(func=callee, args=[base], keywords=[]):
                pass
            case ast.Call(func=callee, args=[], keywords=[ast.keyword(arg="base", value=base)]):
                pass
            case _:
                return None
        block = evaluate(callee, self.module.names)
        if not isinstance(block, Block):
            return None
        address = integer(base, self.module.names)
        if not 0 <= address < _ADDRESSES or address % unit(block):
            fix = f"give an address of 32 bits that is a multiple of {unit(block)}"
            raise mistake(self.module.path, value.lineno, name, f"no {block.name} can be at {address:#x}", fix)
        return Instance(name, block, address)

    def _class(self, node: ast.ClassDef) -> None:
        bases = self._bases(node)
        if any(isinstance(base, Block) or base == _BLOCK or _is_block(base) for base in bases):
            self.module.lines[node.name] = node.lineno
            try:
                block = self._block(node, bases)
            except UnreadableError as error:
                self._unreadable(node, error.line, error.reason)
                return
            if self._bind(node.name, block):
                self.module.blocks[node.name] = block
            else:
                self.module.unreadable[node.name] = node.lineno, f"{node.name} is bound more than once"
            return
        values = None if node.bases or node.keywords or node.decorator_list else self._values(node)
        if self._bind(node.name, values or Unknown(f"{node.name} is a class of another kind")) and values is not None:
            self.module.values[node.name] = values

    def _bases(self, node: ast.ClassDef) -> list[object]:
        found: list[object] = []
        for base in node.bases:
            try:
                found.append(evaluate(base, self.module.names))
            except UnreadableError as error:
                meaning = self.module.names.get(base.id) if isinstance(base, ast.Name) else None
                found.append(meaning or Unknown(error.reason))
        return found

    def _block(self, node: ast.ClassDef, bases: list[object]) -> Block:
        if node.keywords or node.decorator_list:
            raise UnreadableError(node.lineno, "it has a decorator or a metaclass")
        others = [base for base in bases if not isinstance(base, Block) and base != _BLOCK]
        if others:
            reason = others[0].reason if isinstance(others[0], Unknown) else f"it inherits from {others[0]}"
            raise UnreadableError(node.lineno, reason)
        blocks = [base for base in bases if isinstance(base, Block)]
        return read_block(self.module.path, node, blocks, self.module.names)

    def _unreadable(self, node: ast.ClassDef, line: int, reason: str) -> None:
        self.module.unreadable[node.name] = line, reason
        self._bind(node.name, Unknown(f"{node.name} is made at run time: {reason}", is_block=True))

    def _values(self, node: ast.ClassDef) -> Values | None:
        members: dict[str, int] = {}
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant(value=str())):
                    continue
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    pass
                case _:
                    return None
            try:
                members[name] = integer(value, self.module.names | members)
            except UnreadableError:
                return None
        return Values(node.name, tuple(members.items())) if members else None


def _is_block(meaning: object) -> bool:
    return isinstance(meaning, Unknown) and meaning.is_block


def _bindings(tree: ast.Module) -> Iterator[str]:
    """The names that the module's level binds, once for each time; those that functions declare global, twice."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Global):
                        yield from inner.names * 2
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.ExceptHandler(name=str() as name):
                yield name
            case ast.alias(name=name, asname=alias):
                yield alias or name
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                continue
        pending.extend(ast.iter_child_nodes(node))
