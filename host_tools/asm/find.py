"""Which functions of an image are meant."""

import ast
from collections.abc import Iterator

from host_tools.apps import Module
from host_tools.errors import UsageError
from host_tools.python_scopes import PythonScope, scopes

_SHOWN = 8


def find(wanted: str, modules: list[Module], own: set[str]) -> list[tuple[Module, set[str] | int | None]]:
    """The module that is meant, and what of it: functions by their paths, the line of one, None for all.

    `wanted`: a function (`Uart.open`, `corten.uart.Uart.open`), a module (`main.py`, `corten.uart`), or one with a line
    (`main.py:12`); a function of the modules `own` before another of its name. UsageError for what is not there, or may
    be several things.
    """
    name, _, line = wanted.partition(":")
    by_file = [module for module in modules if name in (module.name, _dotted(module))]
    if line:
        if not by_file or not line.isdigit():
            raise UsageError(f"there is no {wanted!r} in the image", fix="name a module and a line, as main.py:12")
        return [(by_file[0], int(line))]
    if by_file:
        return [(by_file[0], None)]
    exact, inside = [], []
    for module in modules:
        for path in _paths(module):
            whole = f"{_dotted(module)}.{path}"
            if name in (path, whole):
                exact.append((module, path))
            elif path.endswith(f".{name}"):
                inside.append((module, path))
    found = exact or inside
    return _only(wanted, [each for each in found if each[0].name in own] or found)


def _only(wanted: str, found: list[tuple[Module, str]]) -> list[tuple[Module, set[str] | int | None]]:
    if not found:
        raise UsageError(
            f"there is no {wanted!r} in the image",
            fix="name a function, a module, or a line, as Uart.open or main.py:12",
        )
    names = sorted({f"{_dotted(module)}.{path}" for module, path in found})
    if len(names) > 1:
        listed = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        raise UsageError(f"{wanted!r} may be one of {len(names)}: {listed}", fix="name one of them in full")
    return [(found[0][0], {found[0][1]})]


def innermost(scope: PythonScope, line: int) -> PythonScope:
    """The function around a line of the source, the module's own where there is none."""
    for child in scope.children:
        first = min([child.line, *(each.lineno for each in getattr(child.node, "decorator_list", ()))])
        if first <= line <= (child.node.end_lineno or 0):  # type: ignore[union-attr]
            return innermost(child, line)
    return scope


def scope_of(module: Module) -> PythonScope | None:
    """The functions of a module's source, as it was compiled."""
    try:
        return scopes((module.lowered or module.path).read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):
        return None


def _paths(module: Module) -> Iterator[str]:
    def inside(scope: PythonScope) -> Iterator[str]:
        for child in scope.children:
            if isinstance(child.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield child.path
            yield from inside(child)

    scope = scope_of(module)
    yield from inside(scope) if scope else ()


def _dotted(module: Module) -> str:
    return module.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
