"""Which names a module, class or function binds, and where: what it takes to say what a name means."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Binding:
    """One place that binds a name.

    `node`: the statement or parameter. `value`: what it is bound to, where that is an expression. `alias`: what is
    imported. `index`: the statement's number in the scope's own body, None for one that is nested or no statement.
    """

    node: ast.AST
    value: ast.expr | None = None
    alias: ast.alias | None = None
    index: int | None = None


class Bindings:
    """The names of one scope. `star`: whether there is an import of everything, which may bind any name."""

    def __init__(self, scope: ScopeNode) -> None:
        """Reads the scope, without those inside it."""
        self._found: dict[str, list[Binding]] = {}
        self.elsewhere: set[str] = set()  # declared global or nonlocal
        self.star = False
        if isinstance(scope, FunctionNode):
            for parameter in parameters(scope.args):
                self._add(parameter.arg, Binding(parameter))
        if isinstance(scope, ast.Lambda):
            self._visit(scope.body, None)
        else:
            for index, statement in enumerate(scope.body):
                self._visit(statement, index)

    def __contains__(self, name: str) -> bool:
        return name in self._found and name not in self.elsewhere

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def only(self, name: str) -> Binding | None:
        """The one place that binds a name; None where there are several."""
        found = self._found.get(name, [])
        return found[0] if len(found) == 1 and name not in self.elsewhere else None

    def is_shared(self, name: str) -> bool:
        """Whether a function inside declares the name its own to bind."""
        return any(isinstance(each.node, ast.Global | ast.Nonlocal) for each in self._found.get(name, ()))

    def _add(self, name: str, binding: Binding) -> None:
        self._found.setdefault(name, []).append(binding)

    def _visit(self, node: ast.AST, index: int | None) -> None:
        match node:
            case ast.Assign(value=value, targets=targets) if all(isinstance(each, ast.Name) for each in targets):
                self._assign(node, [each.id for each in targets if isinstance(each, ast.Name)], value, index)
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                if value is not None:
                    self._assign(node, [name], value, index)
            case ast.For(target=ast.Name(id=name)):
                self._add(name, Binding(node, index=index))
                self._children(node, but=node.target)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                self._import(node, aliases, index)
            case _ if isinstance(node, _DEFINITIONS):
                self._add(node.name, Binding(node, index=index))
                self._definition(node)
            case ast.Lambda():
                self._outside(node)
            case _ if isinstance(node, _COMPREHENSIONS):
                self._comprehension(node)
            case _:
                self._other(node)

    def _assign(self, node: ast.stmt, names: list[str], value: ast.expr, index: int | None) -> None:
        for name in names:
            self._add(name, Binding(node, value, index=index))
        self._visit(value, None)

    def _other(self, node: ast.AST) -> None:
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.elsewhere.update(names)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                self._add(name, Binding(node))
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self._add(name, Binding(node))
            case ast.MatchMapping(rest=str(name)):
                self._add(name, Binding(node))
        self._children(node)

    def _children(self, node: ast.AST, but: ast.AST | None = None) -> None:
        for child in ast.iter_child_nodes(node):
            if child is not but:
                self._visit(child, None)

    def _import(self, node: ast.stmt, names: list[ast.alias], index: int | None) -> None:
        for alias in names:
            if alias.name == "*":
                self.star = True
            else:
                bound = alias.asname or (alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name)
                self._add(bound, Binding(node, alias=alias, index=index))

    def _definition(self, node: ast.AST) -> None:
        """A function or class inside: what it evaluates here, and which of our names it binds."""
        if isinstance(node, ast.ClassDef):
            for outside in (*node.decorator_list, *node.bases, *node.keywords):
                self._visit(outside, None)
        elif isinstance(node, FunctionNode):
            self._outside(node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global | ast.Nonlocal):
                for name in inner.names:
                    self._add(name, Binding(inner))

    def _outside(self, node: FunctionNode) -> None:
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        for outside in (*decorators, *node.args.defaults, *(each for each in node.args.kw_defaults if each)):
            self._visit(outside, None)

    def _comprehension(self, node: ast.AST) -> None:
        """Its targets are its own; what `:=` binds in it is ours."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.NamedExpr) and isinstance(inner.target, ast.Name):
                self._add(inner.target.id, Binding(inner))


@lru_cache(maxsize=1 << 14)
def bindings_of(scope: ScopeNode) -> Bindings:
    """The names that a scope binds, read once."""
    return Bindings(scope)


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters of a function, in the order of its definition."""
    found = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        found.append(arguments.vararg)
    found += arguments.kwonlyargs
    if arguments.kwarg:
        found.append(arguments.kwarg)
    return found


def targets_of(node: ast.AST) -> set[str]:
    """The names that a comprehension binds for itself."""
    assert isinstance(node, _COMPREHENSIONS)
    return {name.id for each in node.generators for name in ast.walk(each.target) if isinstance(name, ast.Name)}
