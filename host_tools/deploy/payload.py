"""The files of an app as one board needs them: compiled, with those modules of Corten that it lacks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from host_tools import paths
from host_tools.build import app_modules
from host_tools.deploy.inventory import Facts
from host_tools.errors import UsageError

LEFT_OUT = ("__pycache__",)
MAIN = "main.py"


@dataclass(frozen=True)
class File:
    """A file for the board: its contents and their SHA-256."""

    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def app_files(app: str) -> tuple[str, dict[str, Path]]:
    """An app's name, and its files by their names on the board: all that is below its folder and not hidden.

    UsageError for an app that is not there.
    """
    name, modules = app_modules(app)
    if len(modules) == 1 and Path(app).is_file():
        return name, {MAIN: modules[0].path}
    main = next(module for module in modules if module.name == MAIN)
    return name, {
        str(path.relative_to(main.path.parent)): path
        for path in sorted(main.path.parent.rglob("*"))
        if path.is_file() and not _is_left_out(path, main.path.parent)
    }


def _is_left_out(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    built = path.resolve().is_relative_to(paths.build_dir())
    return built or any(part.startswith(".") or part in LEFT_OUT for part in parts)


def payload(
    app: str, facts: Facts, board: str | None, as_source: bool, say: Callable[[str], None]
) -> tuple[str, dict[str, File]]:
    """An app's name and the files of it that the board is to have, by their names there.

    as_source: leave modules as they are written. Raises UsageError for what is wrong with the app, FailedError with file
    and line for a module that does not compile.
    """
    name, found = app_files(app)
    if as_source or facts.format is None:
        return name, {each: File(path.read_bytes()) for each, path in found.items()}
    from host_tools.deploy.compiled import compiled

    modules = {each: path for each, path in found.items() if path.suffix == ".py"}
    files = {each: File(path.read_bytes()) for each, path in found.items() if each not in modules}
    for each, content in compiled(modules, facts, board, say).items():
        if each in files:
            raise UsageError(f"{app}: {each} is there beside the module it would be made of", fix="remove one of both")
        files[each] = File(content)
    return name, files
