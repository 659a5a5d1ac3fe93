"""corten.toml, the one file of a user's project. Flags override it, it overrides the defaults."""

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from host_tools.errors import UsageError
from host_tools.paths import PROJECT_FILE as FILE

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20}
_CHOICES = {
    "log_level": ("off", "error", "warning", "info", "debug", "trace"),
    "log_format": ("text", "framed"),
}


@dataclass(frozen=True)
class Budget:
    """The most bytes that an image may take; None for as many as the board has."""

    flash: int | None = None
    ram: int | None = None


@dataclass(frozen=True)
class Settings:
    """What a project sets; each has a default.

    `micropython` names the folder of a source tree to build the runtime from. `log` is the filter that log lines begin
    with, `log_level` the last level whose lines an image keeps, `log_format` how they go over the line.
    """

    app: str | None = None
    board: str = "mps2_an385"
    port: str | None = None
    micropython: str | None = None
    log: str | None = None
    log_level: str = "trace"
    log_format: str = "text"
    budget: Budget = Budget()


def exists() -> bool:
    """Whether the current folder is a project's."""
    return Path(FILE).is_file()


def settings(folder: Path | None = None) -> Settings:
    """The settings in `folder` (the current one when None). UsageError for a file that is wrong."""
    path = (folder or Path()) / FILE
    if not path.is_file():
        return Settings()
    import tomllib

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE}: {error}", _fix()) from error
    return Settings(**{name: _setting(name, value) for name, value in table.items()})


def _setting(name: str, value: Any) -> Any:
    if name not in _names():
        raise UsageError(f"{FILE}: {name}: unknown; expected one of {', '.join(_names())}", _fix())
    if name == "budget":
        return _budget(value)
    if not isinstance(value, str):
        raise UsageError(f"{FILE}: {name}: expected a string, got {value!r}", _fix())
    if name in _CHOICES and value not in _CHOICES[name]:
        raise UsageError(f"{FILE}: {name}: expected one of {', '.join(_CHOICES[name])}, got {value!r}", _fix())
    return value


def _budget(table: Any) -> Budget:
    if not isinstance(table, dict):
        raise UsageError(f"{FILE}: budget: expected a table, got {table!r}", f'{FILE}: [budget], and in it ram = "64K"')
    known = [field.name for field in fields(Budget)]
    for name in table:
        if name not in known:
            raise UsageError(f"{FILE}: budget.{name}: unknown; expected one of {', '.join(known)}", _fix())
    return Budget(**{name: _size(f"budget.{name}", value) for name, value in table.items()})


def _size(name: str, value: Any) -> int:
    """A size in bytes, as boards have it: 512, "256K" or "4M"."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = re.fullmatch(r"(\d+)([KM]?)", value) if isinstance(value, str) else None
    if found is None:
        raise UsageError(
            f'{FILE}: {name}: expected a size in bytes, such as 512, "256K" or "4M", got {value!r}', _fix()
        )
    return int(found[1]) * _UNITS[found[2]]


def _names() -> list[str]:
    return [field.name for field in fields(Settings)]


def _fix() -> str:
    return f"correct {FILE}; it may set {', '.join(_names())}"
