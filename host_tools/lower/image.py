"""The modules of one image, each read once: their syntax, the names they bind, and who assigns which attribute."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from host_tools.lower.bindings import Bindings, ScopeNode, bindings_of, parameters
from host_tools.lower.meanings import Meaning
from host_tools.registers.source import Module as Registers
from host_tools.registers.source import read_module

_REWRITERS = ("globals", "exec", "eval", "locals")
"""With these a module can bind its names in ways that its syntax does not show."""


@dataclass(frozen=True)
class Store:
    """An assignment to an attribute, `value` None where it is no plain one.

    `method` and `owner`: the function and class that it is in, where it assigns to that method's first parameter.
    """

    module: "Module"
    node: ast.Attribute
    value: ast.expr | None = None
    method: ast.FunctionDef | None = None
    owner: ast.ClassDef | None = None

    @property
    def where(self) -> str:
        """The file and line."""
        return f"{self.module.file}:{self.node.lineno}"


class Module:
    """One module: `file` as the image names it, `name` as it is imported, `path` as its user calls it."""

    def __init__(self, image: "Image", file: str, text: str, path: str) -> None:
        """Raises SyntaxError."""
        self.file = file
        self.name = _dotted(file)
        self.path = path
        self.text = text
        self.tree, self.nodes = _parsed(file, text)
        self.is_package = PurePosixPath(file).name == "__init__.py"
        self._image = image

    @cached_property
    def registers(self) -> Registers:
        """Its blocks and values. UsageError for a definition that makes no sense."""
        return read_module(self.text, self.path, self._image.registers, self.name)

    @cached_property
    def bindings(self) -> Bindings:
        """The names of its own level."""
        return self._image.bindings(self.tree)

    @cached_property
    def is_open(self) -> bool:
        """Whether its names may be bound by what its syntax does not show."""
        used = (node.id for node in self.nodes if isinstance(node, ast.Name))
        return self.bindings.star or any(name in _REWRITERS for name in used)

    @cached_property
    def classes(self) -> tuple[ast.ClassDef, ...]:
        """All its classes."""
        return tuple(node for node in self.nodes if isinstance(node, ast.ClassDef))

    def absolute(self, statement: ast.ImportFrom) -> str:
        """The module that a `from … import` names, empty where there is none."""
        if not statement.level:
            return statement.module or ""
        parts = self.name.split(".")
        package = parts[: len(parts) - statement.level + self.is_package]
        return ".".join([*package, *([statement.module] if statement.module else [])])


class Image:
    """All modules of an image. Those that do not parse are left out: the compiler says why."""

    def __init__(self, sources: Mapping[str, str], paths: Mapping[str, str]) -> None:
        """`paths`: what a person calls a file, where that is not its name in the image."""
        self.modules: dict[str, Module] = {}
        self.known: dict[tuple[object, str], Meaning | None] = {}  # what names of modules and objects mean, as found
        self._reading: set[str] = set()
        for file, text in sources.items():
            try:
                module = Module(self, file, text, paths.get(file, file))
            except (SyntaxError, ValueError):
                continue
            self.modules[module.name] = module

    def is_package(self, name: str) -> bool:
        """Whether there are modules below this name."""
        return any(each.startswith(f"{name}.") for each in self.modules)

    def bindings(self, scope: ScopeNode) -> Bindings:
        """The names that a scope binds."""
        return bindings_of(scope)

    def registers(self, name: str) -> Registers | None:
        """The registers of a module, None while it is being read or where there is none."""
        module = self.modules.get(name)
        if module is None or name in self._reading:
            return None
        self._reading.add(name)
        try:
            return module.registers
        finally:
            self._reading.remove(name)

    @cached_property
    def _stores(self) -> dict[str, list[Store]]:
        found: dict[str, list[Store]] = {}
        for module in self.modules.values():
            for store in _stores(module):
                found.setdefault(store.node.attr, []).append(store)
        return found

    @cached_property
    def _set_by_name(self) -> dict[str, str]:
        """What `setattr` and `delattr` name, and where."""
        found = {}
        for module in self.modules.values():
            for node in module.nodes if "attr(" in module.text else ():
                match node:
                    case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_]):
                        found[name] = f"{module.file}:{node.lineno}"
        return found

    def patched(self, name: str) -> str | None:
        """Where something that is not a method's own object gets an attribute of this name."""
        if name in self._set_by_name:
            return self._set_by_name[name]
        return next((store.where for store in self._stores.get(name, ()) if store.owner is None), None)

    def attribute(self, owner: ast.ClassDef, name: str) -> Store | str:
        """The one assignment of `self.name` in the objects of a class, or why that cannot be told."""
        if where := self.patched(name):
            return f"{name} is assigned at {where}"
        family = self._family(owner)
        stores = [store for store in self._stores.get(name, ()) if store.owner in family]
        if len(stores) != 1:
            return f"{name} is assigned {'more than once' if stores else 'nowhere'} in {owner.name}"
        for each in family:
            if name in self.bindings(each) or any(hook in self.bindings(each) for hook in _ATTRIBUTE_HOOKS):
                return f"{each.name} has its own way to find {name}"
        store = stores[0]
        if store.value is None or store.method is None or store.method.name != "__init__":
            return f"{name} is assigned at {store.where}, which is no plain assignment in __init__"
        return store

    def _family(self, owner: ast.ClassDef) -> list[ast.ClassDef]:
        """The class, what it may inherit from and what may inherit from it, by the names of their bases."""
        up, down = [owner], [owner]
        for member in up:
            up += [each for each in self._classes if each.name in _bases(member) and each not in up]
        for member in down:
            down += [each for each in self._classes if member.name in _bases(each) and each not in down]
        return [*up, *down[1:]]

    @cached_property
    def _classes(self) -> list[ast.ClassDef]:
        return [node for module in self.modules.values() for node in module.classes]


_ATTRIBUTE_HOOKS = ("__setattr__", "__getattribute__", "__slots__", "__new__")


@lru_cache(maxsize=512)
def _parsed(file: str, text: str) -> tuple[ast.Module, tuple[ast.AST, ...]]:
    """A module's tree and all that is in it. Locks are lowered before accesses: most texts are then read again."""
    tree = ast.parse(text)
    return tree, tuple(ast.walk(tree))


def _dotted(file: str) -> str:
    parts = PurePosixPath(file).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _bases(node: ast.ClassDef) -> set[str]:
    return {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}


def _stores(module: Module) -> Iterator[Store]:
    own: set[ast.AST] = set()
    targets = dict(_plain_targets(module))
    for owner in module.classes:
        for method in owner.body:
            if isinstance(method, ast.FunctionDef) and (self := self_of(method)):
                for node in ast.walk(method):
                    if isinstance(node, ast.Attribute) and _is_own(node, self):
                        own.add(node)
                        plain = targets.get(node)
                        value = plain.value if plain in method.body and plain is not None else None
                        yield Store(module, node, value, method, owner)
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and node not in own:
            yield Store(module, node)


def _plain_targets(module: Module) -> Iterator[tuple[ast.expr, ast.Assign | ast.AnnAssign]]:
    """What assignments assign to as a whole."""
    for node in module.nodes:
        if isinstance(node, ast.Assign):
            yield from ((target, node) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            yield node.target, node


def _is_own(node: ast.Attribute, self: str) -> bool:
    return not isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name) and node.value.id == self


def self_of(method: ast.FunctionDef) -> str | None:
    """The name of a method's own object, None where it may be another's: with any decorator that is not known."""
    found = parameters(method.args)
    if (
        not found
        or not all(_is_harmless(each) for each in method.decorator_list)
        or bindings_of(method).only(found[0].arg) is None
    ):
        return None
    return found[0].arg


def _is_harmless(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Name(id="property" | "hot") | ast.Attribute(attr="setter" | "deleter"):
            return True
        case ast.Attribute(value=ast.Name(id="micropython"), attr="native"):
            return True
    return False
