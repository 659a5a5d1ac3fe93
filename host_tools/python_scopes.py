"""The functions of a module in the order in which MicroPython's compiler numbers them.

Code of the inline assembler and of viper is compiled without its name: its place among its siblings tells it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

MODULE = "<module>"

_COMPREHENSIONS = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
Node = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr


@dataclass(frozen=True)
class PythonScope:
    """What is compiled as one function: a function, a lambda, a comprehension, the body of a class, a module.

    `path` with the functions and classes around it, as `Uart.open`; `line` is its first, decorators left out.
    """

    path: str
    name: str
    line: int
    node: Node
    children: "tuple[PythonScope, ...]" = ()


def scopes(text: str) -> PythonScope:
    """The module's own scope, with all others in it. SyntaxError."""
    tree = ast.parse(text)
    return PythonScope(MODULE, MODULE, 1, tree, _children(tree, ""))


def _children(node: Node, path: str) -> tuple[PythonScope, ...]:
    found = []
    for inner in _inside(node):
        name = _name(inner)
        own = f"{path}.{name}" if path else name
        found.append(PythonScope(own, name, inner.lineno, inner, _children(inner, own)))
    return tuple(found)


def _name(node: Node) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    return _COMPREHENSIONS.get(type(node), "<lambda>")


def _inside(node: Node) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr]:
    """What the code of a scope makes functions of."""
    match node:
        case ast.Module(body=body) | ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            parts: list[ast.AST] = [*body]
        case ast.ClassDef(body=body):
            parts = [*body]
        case ast.Lambda(body=expression):
            parts = [expression]
        case ast.DictComp(key=key, value=value, generators=[first, *rest]):
            parts = [first.target, *first.ifs, *rest, value, key]
        case ast.ListComp(elt=element, generators=[first, *rest]) | ast.SetComp(elt=element, generators=[first, *rest]):
            parts = [first.target, *first.ifs, *rest, element]
        case ast.GeneratorExp(elt=element, generators=[first, *rest]):
            parts = [first.target, *first.ifs, *rest, element]
        case _:
            parts = []
    for part in parts:
        yield from _found_in(part)


def _found_in(
    node: ast.AST,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr]:
    """The scopes that evaluating a node makes, itself included, in the order of the compiler."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            ahead: list[ast.AST] = [*getattr(node, "decorator_list", ()), *node.args.defaults]
            ahead += [each for each in node.args.kw_defaults if each is not None]
            behind: list[ast.AST] = []
        case ast.ClassDef():
            ahead, behind = [*node.decorator_list], [*node.bases]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            ahead, behind = [], [node.generators[0].iter]
        case _:
            for each in _in_order(node):
                yield from _found_in(each)
            return
    for each in ahead:
        yield from _found_in(each)
    yield node
    for each in behind:
        yield from _found_in(each)


def _in_order(node: ast.AST) -> list[ast.AST]:
    """A node's parts in the order in which they are compiled."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [value, *targets]
        case ast.While(test=test, body=body, orelse=orelse):
            return [*body, test, *orelse]
        case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
            return [iterable, target, *body, *orelse]
        case ast.AnnAssign(value=value):
            return [value] if value else []
    return list(ast.iter_child_nodes(node))
