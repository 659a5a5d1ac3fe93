"""A function's code beside the lines of source that it was made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from host_tools.apps import Module, app_modules
from host_tools.asm import machine_code
from host_tools.asm.find import find, innermost, scope_of
from host_tools.asm.mpy_file import Function, Instruction, MpyTool
from host_tools.base import base_of
from host_tools.boards import Board
from host_tools.build import build, compile_module, image_modules, written
from host_tools.python_scopes import MODULE


@dataclass(frozen=True)
class Line:
    """A line of source, what it was lowered to where that changed it, and its code."""

    number: int
    source: str
    lowered: str | None
    code: tuple[Instruction, ...]


@dataclass(frozen=True)
class Listing:
    """A function. `size` in bytes, of its code and what belongs to it."""

    file: str
    path: Path
    function: str
    kind: str
    size: int
    lines: tuple[Line, ...]


def listings(wanted: str, board: Board, app: str | None, say: Callable[[str], None]) -> list[Listing]:
    """What was made of a function, a module, or the function at a line. Raises as `build`; UsageError as `find`."""
    image, base = build(board, app, say), base_of(board, say)
    modules = written(board, image_modules(board, app, say), image.elf.parent / "lowered")
    own = {module.name for module in app_modules(app)[1]} if app else set()
    tree = base.source.path
    tool = MpyTool(tree)
    found = []
    for module, what in find(wanted, modules, own):
        scope = scope_of(module)
        names = {innermost(scope, what).path if scope else MODULE} if isinstance(what, int) else what
        whole = tool.read(compile_module(base.source.version, base.mpy_cross, board.mpy_arch, module), scope)
        for function in _all(whole):
            if names is None or function.name in names:
                found.append(_listing(module, function, tool, tree))
    return found


def _all(function: Function) -> Iterator[Function]:
    yield function
    for child in function.children:
        yield from _all(child)


def _listing(module: Module, function: Function, tool: MpyTool, tree: Path) -> Listing:
    source = module.path.read_text(encoding="utf-8").splitlines()
    lowered = (module.lowered or module.path).read_text(encoding="utf-8").splitlines()
    if function.kind == "bytecode":
        lines = _by_line(tool.instructions(function), function, source, lowered)
    else:
        lines = _whole(machine_code.instructions(function, tree), function, source, lowered)
    return Listing(module.name, module.path, function.name, function.kind, function.size, tuple(lines))


def _by_line(code: list[Instruction], function: Function, source: list[str], lowered: list[str]) -> Iterator[Line]:
    """The lines in the order of the code; of a line whose code is in two places, both."""
    at = 0
    while at < len(code):
        number = code[at].line or (function.scope.line if function.scope else 1)
        end = at
        while end < len(code) and code[end].line == code[at].line:
            end += 1
        yield _line(number, source, lowered, tuple(code[at:end]))
        at = end


def _whole(code: list[Instruction], function: Function, source: list[str], lowered: list[str]) -> Iterator[Line]:
    """All lines of a function, and its code behind the last: which is of which line is not known."""
    if function.scope is None:
        yield Line(0, "", None, tuple(code))
        return
    node = function.scope.node
    marks = [each.lineno for each in getattr(node, "decorator_list", ())]
    first, last = min([function.scope.line, *marks]), getattr(node, "end_lineno", function.scope.line)
    for number in range(first, last + 1):
        yield _line(number, source, lowered, tuple(code) if number == last else ())


def _line(number: int, source: list[str], lowered: list[str], code: tuple[Instruction, ...]) -> Line:
    text = source[number - 1] if number <= len(source) else ""
    made = lowered[number - 1] if number <= len(lowered) else ""
    return Line(number, text, made if made.rstrip() != text.rstrip() else None, code)
