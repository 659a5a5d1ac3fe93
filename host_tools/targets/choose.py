"""Which target a command talks to, and the emulators that run in the background."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from host_tools import paths
from host_tools.errors import TargetError, UsageError
from host_tools.link import Link, SocketLink, read_until

PROMPT = b">>> "
START_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Running:
    """An emulator in the background: its board, app, process, and the sockets of its UARTs by name."""

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
    link = _background_console(board)
    if link:
        try:
            yield link
        finally:
            link.close()
        return
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets.qemu import QemuTarget

    with QemuTarget(build(load_board(board), None, say)) as emulator:
        read_until(emulator.console, PROMPT, START_TIMEOUT_S)
        yield emulator.console


def running(board: str) -> Running | None:
    """The background emulator of `board`, or None."""
    record = _record(board)
    try:
        found = Running(**json.loads(record.read_text(encoding="utf-8")))
        os.kill(found.pid, 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, TypeError):
        record.unlink(missing_ok=True)
        return None
    return found


def start(board_name: str, app: str | None, say: Callable[[str], None]) -> Running:
    """Starts an emulator that outlives this process. UsageError when one of this board runs already."""
    import subprocess

    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets.qemu import emulator_of, machine_arguments

    if running(board_name):
        raise UsageError(f"an emulated {board_name} runs already", fix=f"corten stop --board {board_name}")
    image = build(load_board(board_name), app, say)
    folder = paths.runtime_dir() / board_name
    folder.mkdir(mode=0o700, exist_ok=True)
    sockets = {name: str(folder / name) for name in emulator_of(image.board).uarts}
    command = machine_arguments(image, icount=False)
    for name, path in sockets.items():
        Path(path).unlink(missing_ok=True)
        command += ["-chardev", f"socket,id={name},path={path},server=on,wait=off", "-serial", f"chardev:{name}"]
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_TIMEOUT_S
    while not all(Path(path).exists() for path in sockets.values()):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise TargetError(f"the emulator did not start: {(folder / 'log').read_text(errors='replace').strip()}")
        time.sleep(0.005)
    found = Running(board_name, image.app, process.pid, sockets[image.board.console.peripheral], sockets)
    _record(board_name).write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def stop(board: str) -> Running:
    """Ends the background emulator of `board`. UsageError when there is none."""
    found = running(board)
    if found is None:
        raise UsageError(f"no emulated {board} runs in the background", fix="corten run --detach starts one")
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + START_TIMEOUT_S
    while _is_alive(found.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    if _is_alive(found.pid):
        os.kill(found.pid, signal.SIGKILL)
    _record(board).unlink(missing_ok=True)
    return found


def _background_console(board: str) -> SocketLink | None:
    found = running(board)
    return SocketLink.connect(found.console) if found else None


def _record(board: str) -> Path:
    return paths.runtime_dir() / f"{board}.json"


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split(")")[-1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
