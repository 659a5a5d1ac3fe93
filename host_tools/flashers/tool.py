"""Programs of others that flash: found on PATH, run with a bound on their time, their last words told."""

import hashlib
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from host_tools.files import write_whole
from host_tools.flashers import machine
from host_tools.flashers.base import Job, Plan, Refused
from host_tools.process import Word, run_for_bytes

TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Tool:
    """A program, and how to get it where it is missing."""

    name: str
    fix: str

    def require(self) -> None:
        """Refused where the program is not on PATH."""
        if not shutil.which(self.name):
            raise Refused(f"{self.name} is not on PATH", self.fix)

    def plan(self, job: Job, command: Sequence[Word], what: str) -> Plan:
        """The plan that runs one command of the program's, after which the board is where it was before."""

        def write() -> None:
            job.say(f"writing {job.image.size} bytes with {self.name}")
            run_tool(command, what=what)

        return Plan((spelled(command),), write, lambda: job.port)


def require_device(ids: Sequence[str], what: str, fix: str) -> None:
    """Refused where no USB device is one of `ids`."""
    if not machine.present(tuple(ids)):
        raise Refused(f"no {what} is at a USB port ({', '.join(ids)})", fix, is_absent=True)


def spelled(command: Sequence[Word]) -> str:
    """A command as one would type it."""
    return shlex.join(str(word) for word in command)


def run_tool(command: Sequence[Word], what: str) -> None:
    """Runs it to its end; FailedError with its last words when it fails or does not end in TIMEOUT_S."""
    run_for_bytes(command, what=what, timeout_s=TIMEOUT_S)


def write_file(folder: Path, name: str, data: bytes) -> Path:
    """A file for a program to read, below a folder that is made if need be.

    Other data is in another file: another process may be about to flash it onto another board of this kind.
    """
    path = folder / hashlib.sha256(data).hexdigest()[:16] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    return path
