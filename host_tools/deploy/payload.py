"""The files of an app as one board needs them: compiled, with those modules of Corten that it lacks."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from host_tools import paths
from host_tools.apps import app_modules
from host_tools.deploy.inventory import ARCHITECTURES, Facts
from host_tools.errors import UsageError

LEFT_OUT = ("__pycache__",)
MAIN = "main.py"
COMPILED = ".mpy"
MAGIC, HEADER = ord("M"), 4


@dataclass(frozen=True)
class File:
    """A file for the board: its contents and their SHA-256."""

    content: bytes

    @cached_property
    def digest(self) -> str:
        """In hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def app_files(app: str) -> dict[str, Path]:
    """The files of an app by their names on the board: all that is below its folder and not hidden.

    UsageError for an app that is not there.
    """
    modules = app_modules(app)[1]
    main = next(module.path for module in modules if module.name == MAIN)
    if Path(app).is_file():
        return {MAIN: main}
    folder = main.parent
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_left_out(path, folder)
    }


def payload(app: str, facts: Facts, board: str | None, as_source: bool, say: Callable[[str], None]) -> dict[str, File]:
    """The files that the board is to have, by their names there.

    board: as for `compiled`. as_source: leave the app's modules as they are written. UsageError for what is wrong with
    the app, FailedError with file and line for a module that does not compile.
    """
    found = app_files(app)
    _check_names(found)
    modules = {} if as_source or facts.format is None else {name: p for name, p in found.items() if p.suffix == ".py"}
    files = {name: path.read_bytes() for name, path in found.items() if name not in modules}
    if modules:
        from host_tools.deploy.compiled import compiled

        made = compiled(modules, facts, board, say)
        if both := sorted(made.keys() & files.keys()):
            raise UsageError(
                f"{app}: {both[0]} is there beside the module that it is made of", fix="remove one of both"
            )
        files |= made
    if MAIN in files:
        from host_tools.deploy.compiled import as_written

        files = as_written(files, facts)
    _check_formats(files, facts)
    return {name: File(content) for name, content in files.items()}


def _check_names(names: Iterable[str]) -> None:
    """A name goes to the board in a program, and comes back in a line of text."""
    for name in names:
        if not name.isprintable():
            raise UsageError(f"{name!r}: no name for a file on a board", fix="rename it; leave control characters out")


def _check_formats(files: Mapping[str, bytes], facts: Facts) -> None:
    """A compiled module that the board cannot load is found here, and not when the app imports it."""
    for name, content in files.items():
        if name.endswith(COMPILED) and (problem := _problem(content, facts)):
            raise UsageError(f"{name}: {problem}", fix="give its source, which is then compiled for the board")


def _problem(content: bytes, facts: Facts) -> str | None:
    """What is wrong with a .mpy file; its header is described in MicroPython's manual, "MicroPython .mpy files"."""
    if facts.format is None:
        return "the board loads no compiled modules"
    if len(content) < HEADER or content[0] != MAGIC:
        return "this is no compiled module"
    version, sub_version, number = content[1], content[2] & 3, content[2] >> 2 & 0xF
    arch = ARCHITECTURES[number] if number < len(ARCHITECTURES) else "an unknown processor"
    if version != facts.format[0]:
        return f"compiled for version {version} of the format, and the board loads version {facts.format[0]}"
    if arch and not (facts.loads(arch) and sub_version == facts.format[1]):
        own = f"{facts.arch or 'none'}, {facts.format[0]}.{facts.format[1]}"
        return f"has native code for {arch}, {version}.{sub_version}, and the board runs {own}"
    return None


def _is_left_out(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    built = path.resolve().is_relative_to(paths.build_dir())
    return built or any(part.startswith(".") or part in LEFT_OUT for part in parts)
