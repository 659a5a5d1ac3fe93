"""What becomes of log lines: which an image keeps, in which form, and which are let through.

allowed = LogFilter.parse("info,uart=debug")
allowed.lets_through("uart", "debug")
"""

import os
from dataclasses import dataclass

from host_tools.errors import UsageError

LEVELS = ("off", "error", "warning", "info", "debug", "trace")
"""From nothing to everything; as in `corten.log`."""

VARIABLE = "CORTEN_LOG"
"""The environment's filter, which takes the place of corten.toml's."""


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


def asked_for(given: str | None, project: str | None) -> str | None:
    """The filter that the image begins with: an option, else the environment's, else corten.toml's. UsageError."""
    text = given or os.environ.get(VARIABLE) or project
    return str(LogFilter.parse(text)) if text else None
