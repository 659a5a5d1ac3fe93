"""What becomes of log lines: which an image keeps, in which form, and which are let through.

allowed = LogFilter.parse("info,uart=debug")
allowed.lets_through("uart", "debug")
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from host_tools import project
from host_tools.errors import UsageError
from host_tools.files import write_whole

LEVELS = ("off", "error", "warning", "info", "debug", "trace")
"""From nothing to everything; as in `corten.log`."""

VARIABLE = "CORTEN_LOG"
"""The environment's filter, which takes the place of corten.toml's."""

TABLE = "logs.json"
"""The file beside an image that has the texts of its framed lines."""

FILTER = "corten/log_filter.py"
"""The module of an image that has the filter with which it begins."""


@dataclass(frozen=True)
class Logs:
    """What a build does to log lines. level: the last that stays in the image; framed: texts stay on the host."""

    level: str = "trace"
    framed: bool = False


@dataclass(frozen=True)
class Format:
    """A framed line: what its number stands for, and where it is in the image's source."""

    number: int
    level: str
    name: str
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class LogFilter:
    """Rules: a module's name, empty for all, and the last level that is let through; the last one that fits counts."""

    rules: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> "LogFilter":
        """`info,uart=debug`. UsageError for what is no filter."""
        rules = []
        for part in text.split(","):
            name, _, level = part.strip().rpartition("=")
            if level not in LEVELS:
                raise UsageError(
                    f"{text!r} is no filter of log lines: {level!r} is none of {', '.join(LEVELS)}",
                    fix="give levels, of all modules or of one: info,uart=debug",
                )
            rules.append((name, level))
        return cls(tuple(rules))

    def lets_through(self, name: str, level: str) -> bool:
        """Whether a line of a module is wanted."""
        found = "off"
        for wanted, limit in self.rules:
            if wanted in ("", name):
                found = limit
        return LEVELS.index(level) <= LEVELS.index(found)

    def __str__(self) -> str:
        """As `parse` takes it."""
        return ",".join(f"{name}={level}" if name else level for name, level in self.rules)


def of_project() -> Logs:
    """What corten.toml says."""
    found = project.settings()
    return Logs(found.log_level, found.log_format == "framed")


def asked_for() -> str | None:
    """The filter that a program begins with: the environment's, else corten.toml's. UsageError for a wrong one."""
    text = os.environ.get(VARIABLE) or project.settings().log
    return str(LogFilter.parse(text)) if text else None


def filter_file(folder: Path, own: Path) -> Path:
    """The module that has the filter: made in `folder` where one is asked for, else Corten's `own`."""
    wanted = asked_for()
    if wanted is None:
        return own
    path = folder / Path(FILTER).name
    write_whole(path, f'FILTER = "{wanted}"\n')
    return path


def write_table(path: Path, formats: Sequence[Format]) -> None:
    """Writes the texts of an image's framed lines; removes those of an earlier one when it has none."""
    if formats:
        write_whole(path, json.dumps({each.number: asdict(each) for each in formats}, indent=1) + "\n")
    else:
        path.unlink(missing_ok=True)
