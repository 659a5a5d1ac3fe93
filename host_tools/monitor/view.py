"""How the lines of a console are shown: for people, for machines, and in a file."""

import json
import time
from datetime import UTC, datetime
from typing import TextIO

import click

from host_tools.logs import LogFilter
from host_tools.monitor.said import Said

TIMES = ("relative", "clock", "off")
_COLOURS = {"error": "red", "warning": "yellow", "info": "green", "debug": "cyan", "trace": "bright_black"}


class View:
    """Shows the lines that `wanted` lets through, and all that are no log lines, on standard output and in a file."""

    def __init__(self, times: str, as_json: bool, wanted: LogFilter | None, file: TextIO | None) -> None:
        """`times`: one of TIMES, as the host counts them. `file`: gets every line that is shown, without colours."""
        self._times = times
        self._as_json = as_json
        self._wanted = wanted
        self._file = file
        self._start = time.monotonic()

    def show(self, said: Said) -> None:
        """Shows a line, unless it is held back."""
        if said.level and said.name and self._wanted and not self._wanted.lets_through(said.name, said.level):
            return
        elapsed_s, now = time.monotonic() - self._start, datetime.now(UTC)
        if self._as_json:
            line = plain = json.dumps(_data(said, elapsed_s, now))
        else:
            stamp = {
                "relative": f"{elapsed_s:9.3f}  ",
                "clock": f"{now.astimezone():%H:%M:%S.%f}"[:-3] + "  ",
                "off": "",
            }
            plain = stamp[self._times] + _text(said)
            line = click.style(stamp[self._times], dim=True) + _text(said, coloured=True)
        click.echo(line)
        if self._file:
            self._file.write(plain + "\n")
            self._file.flush()


def _text(said: Said, coloured: bool = False) -> str:
    if said.level is None:
        return said.text
    level = f"{said.level:7}"
    device = "" if said.device_s is None else f"[{said.device_s:9.3f}] "
    place = f"  ({said.place})" if said.place else ""
    return f"{device}{click.style(level, _COLOURS[said.level]) if coloured else level} {said.name}: {said.text}{place}"


def _data(said: Said, elapsed_s: float, now: datetime) -> dict[str, object]:
    data: dict[str, object] = {"time": now.isoformat(timespec="milliseconds"), "elapsed_s": round(elapsed_s, 3)}
    more = {"level": said.level, "name": said.name, "device_s": said.device_s, "place": said.place}
    data |= {name: value for name, value in more.items() if value is not None}
    return data | {"text": said.text} | ({} if said.is_whole else {"unfinished": True})
