"""The texts of framed log lines, which a build keeps beside its image."""

import json
from pathlib import Path
from typing import Any

from host_tools.errors import UsageError
from host_tools.logs import Format
from host_tools.monitor.said import Said

_TICKS = 1 << 30  # what the target's microseconds are counted modulo


class Table:
    """Formats by number, and the target's clock, which it unwraps."""

    def __init__(self, formats: dict[int, Format]) -> None:
        self._formats = formats
        self._us = 0

    @classmethod
    def read(cls, path: Path | None) -> "Table":
        """The table in a file; an empty one where there is none. UsageError for what is no table."""
        if path is None:
            return cls({})
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            return cls({int(number): Format(**entry) for number, entry in entries.items()})
        except (ValueError, TypeError, AttributeError) as error:
            raise UsageError(f"{path}: no table of log lines: {error}", fix="build the app again") from error

    def said(self, stamp_us: int, number: int, arguments: list[Any]) -> Said:
        """The line that a record stands for. Of an unknown number, what the record itself tells."""
        self._us += (stamp_us - self._us) % _TICKS
        seconds = self._us / 1e6
        found = self._formats.get(number)
        if found is None:
            return Said(f"framed line {number:#06x}, of which there is no text: {arguments}", device_s=seconds)
        text = _put_together(found.text, arguments)
        return Said(text, found.level, found.name, seconds, f"{found.file}:{found.line}")

    def restart(self) -> None:
        """The target's clock began anew."""
        self._us = 0


def _put_together(text: str, arguments: list[Any]) -> str:
    if not arguments:
        return text
    for attempt in (arguments, [_number(each) for each in arguments]):
        try:
            return text % tuple(attempt)
        except (TypeError, ValueError):
            continue
    return f"{text} {arguments}"


def _number(value: Any) -> Any:
    """An integer that was too large for a record came as text."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value
