"""Board and chip files: TOML in, validated models out. The fields are described in boards/README.md.

Every wrong file ends in one BoardError that gives, for each problem, the file, the line and the field.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from host_tools import paths
from host_tools.board_checks import Problem, Problems, check_board, check_chip
from host_tools.board_models import CAPABILITIES, Board, Chip, Emulator, Named, QemuEmulator, Rp2040jsEmulator
from host_tools.errors import BoardError
from host_tools.toml_lines import KeyPath, TomlLines

__all__ = [
    "CAPABILITIES", "Board", "Chip", "Emulator", "QemuEmulator", "Rp2040jsEmulator",
    "board_names", "load_all", "load_board", "load_chip",
]  # fmt: skip

_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no such field",
    "int_type": "an integer",
    "string_type": "a string",
    "tuple_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "value_error": "{error}",
}
_FIX = "correct the file; boards/README.md lists the fields"


def board_names(directory: Path | None = None) -> list[str]:
    """The boards of a folder (default: the project's own and those that come with Corten), sorted."""
    return sorted({path.stem for folder in _folders(directory) for path in folder.glob("*.toml")})


def load_board(name: str, directory: Path | None = None) -> Board:
    """Read and check one board and its chip; raises BoardError if either is wrong or there is no such board."""
    names = board_names(directory)
    if name not in names:
        near = difflib.get_close_matches(name, names)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        fix = f"name one of them, or add {_shown(_folders(directory)[0] / 'NAME.toml')}"
        raise BoardError(f'no board is called "{name}"{hint}\n  boards: {", ".join(names) or "none"}', fix)
    return _load(_find(f"{name}.toml", directory), Board, check_board, directory)


def load_chip(name: str, directory: Path | None = None) -> Chip:
    """Read and check one chip of a boards folder; raises BoardError if it is wrong."""
    return _load(_find(f"chips/{name}.toml", directory), Chip, check_chip, directory)


def load_all(directory: Path | None = None) -> list[Board]:
    """Read and check every board and chip of a folder; raises one BoardError with the problems of all of them."""
    boards, wrong = [], []
    for chip in _chips(directory).values():
        try:
            chip()
        except BoardError as error:
            wrong.append(error.message)
    for name in board_names(directory):
        try:
            boards.append(load_board(name, directory))
        except BoardError as error:
            wrong.append(error.message)
    if wrong:
        raise BoardError("\n".join(dict.fromkeys(wrong)), _FIX)
    return boards


def _folders(directory: Path | None) -> list[Path]:
    """Where boards and chips are looked for: what is in an earlier one hides its namesake in a later one."""
    return [directory] if directory else paths.boards_dirs()


def _find(name: str, directory: Path | None) -> Path:
    """The file of that name in the first folder that has one; a path in the last one when none has."""
    places = [folder / name for folder in _folders(directory)]
    return next((path for path in places if path.exists()), places[-1])


_M = TypeVar("_M", bound=Named)


def _load(path: Path, kind: type[_M], check: Callable[[_M, Problems], None], directory: Path | None) -> _M:
    text = _read(path)
    problems = Problems()
    try:
        model = kind.model_validate(_parse(path, text), context={"chips": _chips(directory)})
    except ValidationError as error:
        raise _board_error(path, text, map(_as_problem, error.errors())) from error
    problems.expect(model.name == path.stem, ("name",), f'"{path.stem}", as the file is called', model.name)
    check(model, problems)
    if problems:
        raise _board_error(path, text, problems)
    return model


def _chips(directory: Path | None) -> dict[str, Callable[[], Chip]]:
    """The chips of a folder by name, each to be loaded when a board asks for it."""
    names = sorted({path.stem for folder in _folders(directory) for path in folder.glob("chips/*.toml")})
    return {name: partial(load_chip, name, directory) for name in names}


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode().replace("\r\n", "\n")
    except OSError as error:
        raise BoardError(f"{_shown(path)}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BoardError(f"{_shown(path)}:{line}: expected UTF-8 text", _FIX) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        cause, _, place = str(error).rpartition(" (at ")
        found = re.match(r"line ([0-9]+)", place)
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        raise BoardError(f"{_shown(path)}:{line}: not TOML: {cause}", _FIX) from error


def _as_problem(error: ErrorDetails) -> Problem:
    path = _path(error["loc"])
    context = error.get("ctx", {})
    if error["type"].startswith("union_tag_"):
        kind = context["discriminator"].strip("'")
        wanted = " or ".join(context.get("expected_tags", "a value").split(", "))
        return Problem((*path, kind), wanted, error["input"].get(kind))
    expected = _EXPECTED.get(error["type"], error["msg"]).format(**context)
    return Problem(path, expected, None if error["type"] == "missing" else error["input"])


def _path(place: tuple[int | str, ...]) -> KeyPath:
    """The keys that lead to a field: without the model's own steps to a key, and to one of several kinds of table."""
    kinds = {("emulator", "qemu"), ("emulator", "rp2040js")}
    return tuple(key for above, key in pairwise(("", *place)) if key != "[key]" and (above, key) not in kinds)


def _board_error(path: Path, text: str, problems: Iterable[Problem]) -> BoardError:
    lines = TomlLines(text)
    rows = sorted(
        (lines.of(field), _dotted(field), expected, _spelled(field, got)) for field, expected, got in problems
    )
    file = _shown(path)
    message = "\n".join(f"{file}:{line}: {field}: expected {what} (got {got})" for line, field, what, got in rows)
    return BoardError(message, _FIX)


def _shown(path: Path) -> str:
    """The path as a person would type it: relative to the current folder where it lies below."""
    path = path.absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def _spelled(path: KeyPath, value: object) -> str:
    """A value as TOML spells it, an address in hexadecimal."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a table"
    if path[-1] == "base" and type(value) is int and value >= 0:
        return f"{value:#010x}"
    return json.dumps(value, ensure_ascii=False, default=str)
