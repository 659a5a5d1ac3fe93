"""One line of a console: a log line, or any other text."""

import re
from dataclasses import dataclass

_LOG_LINE = re.compile(r"\[ *(\d+)\.(\d{3})\] (error|warning|info|debug|trace) (\S+): (.*)")


@dataclass(frozen=True)
class Said:
    """A line. Of a log line also `level`, `name` and `device_s`, the target's own time; of a framed one its `place`.

    `is_whole`: whether its end has come, and not only a pause.
    """

    text: str
    level: str | None = None
    name: str | None = None
    device_s: float | None = None
    place: str | None = None
    is_whole: bool = True


def read_line(text: str, is_whole: bool = True) -> Said:
    """What a line of plain text says: `[   12.345] info uart: open` is a log line."""
    found = _LOG_LINE.fullmatch(text)
    if not found:
        return Said(text, is_whole=is_whole)
    seconds, thousandths, level, name, message = found.groups()
    return Said(message, level, name, int(seconds) + int(thousandths) / 1000, is_whole=is_whole)
