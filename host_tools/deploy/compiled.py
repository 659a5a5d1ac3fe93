"""Modules of an app, lowered and compiled for one board, and those of Corten that it lacks. Each is compiled once."""

import ast
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from host_tools import logs, paths
from host_tools.apps import Module, python_files
from host_tools.deploy.inventory import Facts
from host_tools.errors import UsageError
from host_tools.files import exclusive, write_whole

MAIN = "main.py"
AS_MAIN = '__name__ = "__main__"'
OURS = ("corten", "board")
TOOLS = ("lower", "registers", "deploy")
"""Folders of host tools that what is compiled depends on, beside the files next to them."""


def compiled(
    modules: Mapping[str, Path], facts: Facts, board: str | None, say: Callable[[str], None]
) -> dict[str, bytes]:
    """The compiled files, by their names on the board.

    board: what generates the module `board` and says how locks are lowered, None if that is not known. UsageError when
    the app needs to know it, and as a build; FailedError for a module that does not compile.
    """
    kept = paths.cache_dir() / "deploy" / f"{_key(modules, facts, board)}.json"
    folder = paths.cache_dir() / "mpy"
    made = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    if not made or not all((folder / file).exists() for file in made.values()):
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = {name: path.name for name, path in _compile(modules, facts, board, say).items()}
        write_whole(kept, json.dumps(made))
    return {name: (folder / file).read_bytes() for name, file in made.items()}


def as_written(files: Mapping[str, bytes], facts: Facts) -> dict[str, bytes]:
    """The files of an app that is not compiled; main.py gets its name. UsageError where the board lacks a package."""
    from host_tools.deploy.reach import imports_any

    texts = {name: data.decode(errors="replace") for name, data in files.items() if name.endswith(".py")}
    lacking = [name for name, has in zip(OURS, (facts.has_corten, facts.has_board), strict=True) if not has]
    for package in lacking:
        if imports_any(texts, (package,)) and not texts.keys() & {f"{package}.py", f"{package}/__init__.py"}:
            raise UsageError(
                f"the app imports `{package}`, which the board lacks and which is brought compiled only",
                fix="leave --source away, or flash a firmware that has Corten",
            )
    return {**files, MAIN: named_main(texts[MAIN]).encode()}


def _key(modules: Mapping[str, Path], facts: Facts, board: str | None) -> str:
    """Changes with everything that goes into the compiled files."""
    lines = (logs.of_project().level, logs.asked_for())
    facts_used = (facts.version, facts.arch, board, facts.has_corten, facts.has_board, lines)
    digest = hashlib.sha256(repr(facts_used).encode())
    for name, path in modules.items():
        digest.update(f"{name}\0".encode() + os.fsencode(path) + b"\0" + path.read_bytes())
    for path in _tools():
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:24]


def _tools() -> Iterator[Path]:
    own = Path(__file__).parent.parent
    for folder in (own, *(own / name for name in TOOLS)):
        yield from sorted(folder.glob("*.py"))
    yield from sorted((paths.firmware_dir() / "corten").rglob("*.py"))
    for folder in paths.boards_dirs():
        yield from sorted(folder.rglob("*.toml"))


def _compile(
    modules: Mapping[str, Path], facts: Facts, board: str | None, say: Callable[[str], None]
) -> dict[str, Path]:
    from host_tools import mpy_cross
    from host_tools.build import compile_module
    from host_tools.deploy.reach import imports_any

    say(f"compiling for MicroPython {facts.version} on {facts.arch or 'a board without native code'}")
    cross = mpy_cross.find(facts.version, say)
    folder = paths.build_dir() / "deploy"
    app = [Module(name, path) for name, path in modules.items()]
    texts = {module.name: module.path.read_text(encoding="utf-8", errors="replace") for module in app}
    with exclusive(folder, say):
        if imports_any(texts, OURS):
            app = _with_corten(app, facts, board, folder)
        app = [_as_main(module, folder) if module.name == MAIN else module for module in app]
        return {
            str(Path(module.name).with_suffix(".mpy")): compile_module(facts.version, cross, facts.arch, module)
            for module in app
        }


def _with_corten(app: list[Module], facts: Facts, name: str | None, folder: Path) -> list[Module]:
    """The app's modules lowered, and those modules of Corten that it needs and the board does not have frozen."""
    from host_tools.boards import load_board
    from host_tools.build import Lowering, written
    from host_tools.deploy.reach import BOARD, reached
    from host_tools.generate import board_module

    folder.mkdir(parents=True, exist_ok=True)
    taken = {module.name for module in app}
    package = [
        replace(module, path=logs.filter_file(folder, module.path)) if module.name == logs.FILTER else module
        for module in python_files(paths.firmware_dir() / "corten", "corten/")
        if module.name not in taken
    ]
    joined = [*app, *package]
    if name is not None:
        board = load_board(name)
        if not facts.loads(board.mpy_arch):
            raise UsageError(
                f"{name} runs native code for {board.mpy_arch}, and what is connected for {facts.arch or 'none'}",
                fix="name the board that is connected with --board",
            )
        generated = folder / BOARD
        write_whole(generated, board_module(board))
        as_text = replace(logs.of_project(), framed=False)  # a framed line is read with the table of an image
        joined = written(
            board, [*joined, Module(BOARD, generated)], folder / "lowered", Lowering(True, True, True, as_text)
        )
    texts = {each.name: (each.lowered or each.path).read_text(encoding="utf-8", errors="replace") for each in joined}
    needed = reached(texts, taken)
    if name is None and not facts.has_board and _imports_board(texts, needed):
        raise UsageError("the app imports `board`, and it is not known which one that is", fix="name it with --board")
    frozen = {each.name for each in joined if each.name not in taken and _is_frozen(each.name, facts)}
    return [each for each in joined if each.name in needed - frozen]


def _imports_board(texts: Mapping[str, str], needed: set[str]) -> bool:
    from host_tools.deploy.reach import imports_any

    return imports_any({name: texts[name] for name in needed if not name.startswith("corten/")}, ("board",))


def _is_frozen(name: str, facts: Facts) -> bool:
    return facts.has_board if name == "board.py" else facts.has_corten


def _as_main(module: Module, folder: Path) -> Module:
    """The module that the launcher imports, with the name that it has when it is run; its lines keep their numbers."""
    text = (module.lowered or module.path).read_text(encoding="utf-8", errors="replace")
    path = folder / "as_main" / MAIN
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, named_main(text))
    return replace(module, lowered=path)


def named_main(text: str) -> str:
    """A program that calls itself `__main__`. Lines keep their numbers, unless a compound statement is in the first."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError):
        return text
    if not statements:
        return text
    first = statements[0]
    line = min(each.lineno for each in (first, *getattr(first, "decorator_list", ())))
    if line > 1:
        return f"{AS_MAIN}{text[text.index(chr(10)) :]}"
    return f"{AS_MAIN}{chr(10) if hasattr(first, 'body') else '; '}{text}"
