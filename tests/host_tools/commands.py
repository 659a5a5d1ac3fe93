"""The real `corten`, each time in a process of its own, and what a test needs to watch it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT_S = 400.0  # of a command that may compile MicroPython, on a machine that is busy with other things


@dataclass(frozen=True)
class Ended:
    """A finished command: its status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one message: what is on standard error but progress. Fails when there is a bare traceback."""
        lines = self.err.splitlines()
        assert "Traceback (most recent call last):" not in lines, self.err
        progress = ("building ", "compiling ", "waiting for ", "fetching ")
        return "\n".join(line for line in lines if not line.startswith(tuple(f"corten: {word}" for word in progress)))


@dataclass
class Corten:
    """The command line, started in `folder` with `env` over the environment."""

    folder: Path
    env: dict[str, str]
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(self, *arguments: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> Ended:
        """Runs a command to its end."""
        process = self.start(*arguments, env=env)
        out, err = process.communicate(stdin, timeout=TIMEOUT_S)
        return Ended(process.returncode, out.decode(), err.decode())

    def start(self, *arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Starts a command; it is killed at the test's end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "host_tools.cli", *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, **self.env, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # as a shell does: a Ctrl-C reaches this command and its children only
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """Ends whatever was started and still runs."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def write(self, name: str, text: str) -> Path:
        """Makes a file in the project's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def eventually(holds: Callable[[], object], what: str, timeout_s: float = 30.0) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.01)


def read_until(process: subprocess.Popen[bytes], text: bytes) -> bytes:
    """What a process prints up to a text."""
    assert process.stdout
    seen = b""
    while text not in seen:
        data = os.read(process.stdout.fileno(), 4096)
        assert data, f"it ended before it printed {text!r}: {seen!r}"
        seen += data
    return seen


def child_of(process: subprocess.Popen[bytes]) -> int:
    """The process that a running command has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    (pid,) = [int(child) for child in children]
    return pid


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> Ended:
    """Sends a signal to a command and waits for its end."""
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT_S)
    return Ended(process.returncode, out.decode(), err.decode())
