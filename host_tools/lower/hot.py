"""Lowers a function marked `@hot` to one for the viper emitter, in the same lines."""

import ast
from dataclasses import dataclass

from host_tools.errors import UsageError
from host_tools.lower.hot_body import Body
from host_tools.lower.hot_layout import fitted
from host_tools.lower.hot_locks import Locking
from host_tools.lower.hot_pointers import Pointers
from host_tools.lower.hot_types import BOOL, INT, NUMBERS, OBJECT, UINT, annotated, check
from host_tools.lower.meanings import HOT, Symbol
from host_tools.lower.notes import Note
from host_tools.lower.resolve import Scope

_VIPER = ast.parse("micropython.viper", mode="eval").body


@dataclass(frozen=True)
class Hot:
    """`lines` take the place of the function's own."""

    lines: list[str]
    notes: list[Note]


def is_hot(node: ast.AST, scope: Scope) -> bool:
    """Whether a node is a function that is marked; `scope` is where it is defined."""
    marks = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(_is_mark(each, scope) for each in marks)


def lower_function(node: ast.FunctionDef, scope: Scope, path: str, count: int, locking: Locking | None) -> Hot:
    """Lowers a marked function. `scope`: where it is defined. `path`: what its user calls the file. `count`: its lines.
    `locking`: what its locks need, None to leave them as they are.

    `count` are the lines from its first decorator on that it may have; blank lines behind it may be among them. Raises
    UsageError, with the line, for what viper cannot do and for accesses that fail whenever they run.
    """
    check(node, path)
    inside = scope.inside(node)
    pointers = Pointers({each.id for each in ast.walk(node) if isinstance(each, ast.Name)})
    body = Body(node, inside, path, pointers, locking)
    statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    returned = body.returned = _returned(node, body, path)
    made = ast.FunctionDef(
        node.name,
        _arguments(node.args),
        body.block(statements) or [ast.Pass()],
        [*(each for each in node.decorator_list if not _is_mark(each, scope)), _VIPER],
        ast.Name(returned, ast.Load()) if returned else None,
    )
    made.body = [*pointers.setup(), *body.locks.setup, *body.channels.setup, *made.body]
    lines = fitted(ast.fix_missing_locations(made), node.col_offset // 4, count)
    if lines is None:
        fix = "put a blank line behind the function"
        raise UsageError(f"{path}:{node.lineno}: @hot: {node.name} needs more lines than it has", fix)
    return Hot(lines, body.notes())


def _is_mark(node: ast.expr, scope: Scope) -> bool:
    return scope.meaning(node) == Symbol(HOT)


def _arguments(arguments: ast.arguments) -> ast.arguments:
    made = [
        ast.arg(each.arg, each.annotation if annotated(each.annotation) in NUMBERS else None) for each in arguments.args
    ]
    for each in made:
        if isinstance(each.annotation, ast.Constant):
            each.annotation = ast.Name(str(each.annotation.value), ast.Load())
    return ast.arguments([], made, None, [], [], None, [])


def _returned(node: ast.FunctionDef, body: Body, path: str) -> str | None:
    """The type that a function returns, None for an object."""
    values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value is not None]
    kinds = {body.types.of(value) for value in values} - {BOOL} or ({BOOL} if values else set())
    if not kinds or kinds == {OBJECT}:
        wanted = annotated(node.returns)
        return wanted if values and wanted in (INT, UINT) else None
    if OBJECT in kinds:
        message = f"{path}:{node.lineno}: @hot: {node.name} returns integers and what viper does not know to be one"
        raise UsageError(message, "write int(…) around the others")
    if annotated(node.returns) == UINT or UINT in kinds:
        return UINT
    return INT if INT in kinds else BOOL
