"""Which target a command talks to, and the emulators that run in the background."""

import fcntl
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from host_tools import paths
from host_tools.errors import TargetError, UsageError
from host_tools.link import Link, SocketLink, read_until

if TYPE_CHECKING:
    from host_tools.process import Word

PROMPT = b">>> "
START_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Running:
    """An emulator in the background: its board, app, process, and its UARTs' sockets or serial devices by name."""

    board: str
    app: str
    pid: int
    console: str
    uarts: dict[str, str]


@contextmanager
def attach(board: str, port: str | None, say: Callable[[str], None]) -> Iterator[Link]:
    """The console of the board at `port`, of the emulator that runs in the background, or of a fresh one."""
    if port:
        from host_tools.targets.serial import SerialTarget

        with SerialTarget(port) as target:
            yield target.console
        return
    found = running(board)
    if found:
        with _background_console(found) as link:
            yield link
        return
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets import emulated

    model = load_board(board)
    emulated.check(model, say)
    with emulated.start(build(model, None, say), say) as emulator:
        read_until(emulator.console, PROMPT, START_TIMEOUT_S)
        yield emulator.console


def running(board: str) -> Running | None:
    """The background emulator of `board`, or None. The record of one that has ended is removed."""
    record = _record(board)
    try:
        found = Running(**json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        found = None
    if found and _is_alive(found):
        return found
    record.unlink(missing_ok=True)
    return None


def start(board_name: str, app: str | None, say: Callable[[str], None], terminals: bool = False) -> Running:
    """Starts an emulator that outlives this process. UsageError when one of this board runs already.

    terminals: make serial devices of the UARTs, but the console's, in place of sockets. The guest's clock is then that
    of its instructions, so that a busy host makes no gaps on a line.
    """
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.files import exclusive, write_whole
    from host_tools.targets import emulated

    board = load_board(board_name)
    emulated.check(board, say)
    assert board.emulator
    image = build(board, app, say)
    folder = paths.runtime_dir() / board_name
    with exclusive(folder, say):
        if running(board_name):
            raise UsageError(f"an emulated {board_name} runs already", fix=f"corten stop --board {board_name}")
        folder.mkdir(mode=0o700, exist_ok=True)
        sockets = {name: str(folder / name) for name in board.emulator.uarts}
        console = board.console.peripheral
        devices = [name for name in sockets if terminals and name != console]
        pid = _launch(emulated.background(image, say, sockets, devices), sockets, devices, folder / "log")
        uarts = sockets | {name: _device(folder / "log", name) for name in devices}
        found = Running(board_name, image.app, pid, sockets[console], uarts)
        write_whole(_record(board_name), json.dumps(asdict(found)))
    return found


def stop(board: str) -> Running:
    """Ends the background emulator of `board`. UsageError when there is none."""
    found = running(board)
    if found is None:
        raise UsageError(f"no emulated {board} runs in the background", fix="corten run --detach starts one")
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + START_TIMEOUT_S
    while _is_alive(found) and time.monotonic() < deadline:
        time.sleep(0.01)
    if _is_alive(found):
        os.kill(found.pid, signal.SIGKILL)
    _record(board).unlink(missing_ok=True)
    return found


def _launch(command: "list[Word]", sockets: dict[str, str], devices: Sequence[str], log: Path) -> int:
    """Starts the emulator in a session of its own, waits until its sockets are there, and returns its process."""
    import subprocess

    for path in sockets.values():
        Path(path).unlink(missing_ok=True)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    try:
        while not all(_device(log, name) if name in devices else Path(path).exists() for name, path in sockets.items()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise TargetError(f"the emulator did not start: {log.read_text(errors='replace').strip()}")
            time.sleep(0.005)
    except BaseException:  # a Ctrl-C as well: it is in a session of its own, and nothing knows of it yet
        process.kill()
        raise
    return process.pid


def _device(log: Path, name: str) -> str:
    """The serial device of a UART, as the emulator announces it; empty as long as it does not."""
    found = re.search(rf"redirected to (\S+) \(label {name}\)", log.read_text(encoding="utf-8", errors="replace"))
    return found[1] if found else ""


@contextmanager
def _background_console(found: Running) -> Iterator[SocketLink]:
    """The console, for one process at a time: the emulator would leave a second one without an answer."""
    with open(f"{found.console}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            link = SocketLink.connect(found.console)
        except BlockingIOError as error:
            message = f"another process uses the console of the emulated {found.board}"
            raise TargetError(message, fix=f"end that one; `fuser {found.console}.lock` names it") from error
        except OSError as error:
            message = f"the emulated {found.board} in the background does not answer: {error.strerror}"
            raise TargetError(message, fix=f"corten stop --board {found.board}") from error
        try:
            yield link
        finally:
            link.close()


def _record(board: str) -> Path:
    return paths.runtime_dir() / f"{board}.json"


def _is_alive(found: Running) -> bool:
    """Whether the process is still the emulator with that console, and not another that got its number."""
    try:
        return found.console.encode() in Path(f"/proc/{found.pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
