"""MicroPython's own tests, run by its own runner from the source package, as a health check of an image."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from host_tools import paths
from host_tools.build import Image
from host_tools.errors import FailedError, UsageError
from host_tools.source import Source
from host_tools.targets.pty import start_with_pty

FOLDERS = ("basics", "micropython", "inlineasm/thumb", "float")
TIMEOUT_S = 200.0
SHOWN_LINES = 20
_NEEDS_FPU = "inlineasm/thumb/asmfp"
_RESULT = re.compile(r"(pass|skip|FAIL) +((\S+)/[^/\s]+\.py)")
_END = re.compile(r"\d+ tests performed")


@dataclass
class Counts:
    """How the tests of one folder ended."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass
class Health:
    """Counts by folder, what is known of each failed test, and how long all of it took."""

    seconds: float
    counts: dict[str, Counts] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        """In all folders."""
        return sum(counts.passed for counts in self.counts.values())


def check(image: Image, tree: Source, what: Sequence[str] = FOLDERS, timeout_s: float = TIMEOUT_S) -> Health:
    """Runs tests of `tree` on `image`, emulated: `what` is folders, or files, below its tests/.

    Tests that need a floating-point unit are left out where the board has none. Raises FailedError when the runner does
    not come to its end within `timeout_s`, UsageError when the source's runner is too old to be told a port.
    """
    runner = tree.path / "tests" / "run-tests.py"
    if "--test-instance" not in runner.read_text(encoding="utf-8"):
        raise UsageError(f"MicroPython {tree.version}'s run-tests.py takes no port", fix="use 1.25 or later")
    results = paths.build_dir() / "health" / f"{image.board.name}-{image.app}"
    results.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(runner), "--result-dir", str(results)]
    if "fpu" not in image.board.capabilities:
        command += ["--exclude", _NEEDS_FPU]
    with start_with_pty(image) as emulator:
        command += ["--test-instance", f"port:{emulator.port}"]
        command += what if what[0].endswith(".py") else ["--test-dirs", *what]
        started = time.monotonic()
        output = _run(command, runner.parent, timeout_s)
        seconds = time.monotonic() - started
    return read_results(output, seconds, results)


def read_results(output: str, seconds: float, results: Path) -> Health:
    """What the runner printed, as counts; `results` is where it left the outputs of failed tests.

    Raises FailedError when the runner did not come to its end.
    """
    if not _END.search(output):
        raise FailedError("MicroPython's tests did not run to their end:\n" + _tail(output))
    health = Health(seconds)
    for kind, test, folder in _RESULT.findall(output):
        counts = health.counts.setdefault(folder, Counts())
        if kind == "pass":
            counts.passed += 1
        elif kind == "skip":
            counts.skipped += 1
        else:
            counts.failed += 1
            health.failures[test] = _shown(results / f"{test.replace('/', '_')}.out")
    return health


def _run(command: list[str], folder: Path, timeout_s: float) -> str:
    """Runs the runner so that it writes nothing into the source; it fails when a test does, which is no error here."""
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "MICROPY_CPYTHON3": sys.executable}
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as error:
        seen = error.stdout.decode(errors="replace") if isinstance(error.stdout, bytes) else error.stdout
        raise FailedError(f"MicroPython's tests did not end within {timeout_s:g} s:\n{_tail(seen or '')}") from error


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-SHOWN_LINES:])


def _shown(output: Path) -> str:
    return _tail(output.read_text(encoding="utf-8", errors="replace")) if output.exists() else ""
