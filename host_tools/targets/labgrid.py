"""A board at a labgrid place: acquired through labgrid's own client, reached through its exporter's serial port.

The client runs in a process of its own, by the labgrid of this Python, else one fetched from PyPI: labgrid brings a
pyserial of its own along. It releases the place when we end, however that is.
"""

import importlib.util
import json
import os
import select
import subprocess
import sys
from pathlib import Path

from host_tools.errors import TargetError, UsageError
from host_tools.link import WRITE_TIMEOUT_S, Link

SCHEME = "labgrid"
VERSION = "26.0.1"
ANSWER_TIMEOUT_S = 30.0
RELEASE_TIMEOUT_S = 10.0
PROGRAM = Path(__file__).with_name("labgrid_place.py")
FORM = "labgrid:PLACE, or labgrid:PLACE#NAME where the place has several serial ports"


class Place:
    """A place that is held, and where its serial port is."""

    def __init__(self, port: str) -> None:
        """Acquires the place of `labgrid:PLACE#NAME`. TargetError with labgrid's own words when it cannot be had."""
        pattern, _, name = port.removeprefix(f"{SCHEME}:").removeprefix("//").partition("#")
        if not pattern:
            raise UsageError(f"{port}: no place is named", fix=FORM)
        command = [sys.executable, "-P", str(PROGRAM), pattern, *([name] if name else [])]
        self._process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            told = self._told(port)
            if "error" in told:
                raise _refused(port, told["error"])
            scheme = "socket" if told["protocol"] == "raw" else "rfc2217"
            host = f"[{told['host']}]" if ":" in told["host"] else told["host"]
            self.url, self.baud = f"{scheme}://{host}:{told['port']}", int(told["speed"])
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Gives the place back, if it was acquired here. Harmless when repeated."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(RELEASE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _told(self, port: str) -> dict[str, str]:
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], ANSWER_TIMEOUT_S)[0]:
            raise _refused(port, f"no answer within {ANSWER_TIMEOUT_S:g} s")
        try:
            told: dict[str, str] = json.loads(self._process.stdout.readline())
        except ValueError:
            told = {"error": "its client ended without a word"}
        return told


class PlaceLink:
    """The link to a board at a place, which is given back with it."""

    def __init__(self, link: Link, place: Place) -> None:
        self._link, self._place = link, place
        self.read = link.read
        if configure := getattr(link, "configure", None):
            self.configure = configure

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self._link.write(data, timeout_s)

    def fileno(self) -> int:
        """What to wait for it with."""
        return int(self._link.fileno())  # type: ignore[attr-defined]

    def close(self) -> None:
        try:
            self._link.close()
        finally:
            self._place.release()


def open_place(port: str) -> PlaceLink:
    """The console of the board at a place. TargetError and UsageError as for a port."""
    from host_tools.targets.serial import open_link

    place = Place(port)
    try:
        return PlaceLink(open_link(place.url, place.baud), place)
    except BaseException:
        place.release()
        raise


def _environment() -> dict[str, str]:
    if importlib.util.find_spec("labgrid"):
        return dict(os.environ)
    from host_tools.packages import fetch

    folder = fetch("labgrid", VERSION, lambda message: print(f"corten: {message}", file=sys.stderr), dependencies=True)
    return {**os.environ, "PYTHONPATH": str(folder)}


def _refused(port: str, words: str) -> TargetError:
    coordinator = os.environ.get("LG_COORDINATOR", "127.0.0.1:20408")
    fix = f"see `labgrid-client places` and `who`; the coordinator is {coordinator}, which LG_COORDINATOR may change"
    return TargetError(f"{port}: {words}", fix=fix)
