"""What a debugger connects to: an emulator that waits at its first instruction, or a probe's server."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from host_tools import packages
from host_tools.boards import Board
from host_tools.build import Image
from host_tools.errors import TargetError, UsageError
from host_tools.flash_models import OpenOcd, PyOcd
from host_tools.link import CHUNK, Link, LinkClosedError
from host_tools.targets import emulated

START_TIMEOUT_S = 20.0
_LOOK_S = 0.2
_LOOPBACK = "127.0.0.1"
PROBES = ("openocd", "pyocd")


@contextlib.contextmanager
def emulator(image: Image, folder: Path, show: Callable[[bytes], None]) -> Iterator[str]:
    """An emulator that waits for a debugger; gives what gdb calls it. `show` gets what its console says meanwhile."""
    place = folder / "gdb"
    with emulated.debugged(image, place) as target:
        ended = threading.Event()
        pump = threading.Thread(target=_pump, args=(target.console, show, ended), daemon=True)
        pump.start()
        try:
            _wait_for(place.exists, "the emulator")
            yield str(place)
        finally:
            ended.set()
            pump.join()


@contextlib.contextmanager
def probe(board: Board, name: str, folder: Path, say: Callable[[str], None]) -> Iterator[str]:
    """The server of a debug probe, on a port of this machine only; gives what gdb calls it."""
    table = getattr(board.flash, name, None) if board.flash else None
    port = _free_port()
    command: list[str]
    if isinstance(table, OpenOcd):
        files = [word for file in table.config for word in ("-f", file)]
        command = [
            "openocd",
            *files,
            "-c",
            f"bindto {_LOOPBACK}; gdb_port {port}; tcl_port disabled; telnet_port disabled",
        ]
    elif isinstance(table, PyOcd):
        place = packages.fetch("pyocd", "0.46.0", say)
        command = [sys.executable, "-m", "pyocd", "gdbserver", "--target", table.target, "--port", str(port)]
        command = ["env", f"PYTHONPATH={place}", *command]
    else:
        raise UsageError(
            f"{board.name} has no [flash.{name}], which says what it is to debug", fix="--remote HOST:PORT"
        )
    log = folder / "server.log"
    with log.open("wb") as output:
        try:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        except FileNotFoundError as error:
            raise UsageError(f"{command[0]} is not installed", fix=f"apt-get install {command[0]}") from error
    try:
        _wait_for(lambda: _answers(port, server, log), f"{name}'s server")
        yield f"{_LOOPBACK}:{port}"
    finally:
        server.terminate()
        server.wait()


def _pump(console: Link, show: Callable[[bytes], None], ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            data = console.read(CHUNK, _LOOK_S)
        except LinkClosedError:
            return
        if data:
            show(data)


def _wait_for(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline:
            raise TargetError(f"{what} did not open its debugger's end within {START_TIMEOUT_S:g} s")
        time.sleep(0.02)


def _answers(port: int, server: "subprocess.Popen[bytes]", log: Path) -> bool:
    if server.poll() is not None:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
        raise TargetError(
            "the probe's server ended: " + "\n  ".join(last), fix="connect the probe, and power the board"
        )
    with contextlib.suppress(OSError), socket.create_connection((_LOOPBACK, port), _LOOK_S):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((_LOOPBACK, 0))
        return int(found.getsockname()[1])
