"""Child processes that report a failure as an error with the command's own words."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from host_tools.errors import FailedError, MissingToolError
from host_tools.files import held_locks

TAIL_LINES = 20
SPELLED_CHARACTERS = 200
TIMEOUT_S = 900.0
STOP_TIMEOUT_S = 5.0
SHOW_EVERY_S = 1.0
NO_SPACE = os.strerror(errno.ENOSPC)

Word = str | Path


def plain_environment() -> dict[str, str]:
    """The environment without what would change a build unseen: CFLAGS, CPATH, an outer make's MAKEFLAGS."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}


def run(command: Sequence[Word], *, what: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Runs a command to its end and returns what it printed on standard output; see `run_for_bytes`."""
    return run_for_bytes(command, what=what, cwd=cwd, env=env).decode(errors="replace")


def run_for_bytes(
    command: Sequence[Word],
    *,
    what: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Runs a command, in the C locale, to its end and returns what it wrote to standard output.

    `what` names the work in an error, as in "cannot link". Raises FailedError with the last lines of what the command
    said when it fails or takes longer than `timeout_s`, MissingToolError when it is not there, OSError(ENOSPC) when the
    disk is full.
    """
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env={**(os.environ if env is None else env), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=held_locks(),
        )
    except (FileNotFoundError, PermissionError) as error:
        raise MissingToolError(f"cannot {what}: {words[0]} is not installed", fix="corten doctor --fix") from error
    with process:
        output, errors = _finish(process, what, words, timeout_s)
    if process.returncode:
        text = (errors.strip() or output).decode(errors="replace")
        if NO_SPACE in text:
            raise OSError(errno.ENOSPC, NO_SPACE)
        tail = "\n".join(text.splitlines()[-TAIL_LINES:])
        raise FailedError(f"cannot {what}: {_spell(words)} ended with status {process.returncode}\n{tail}")
    return output


def _finish(process: subprocess.Popen[bytes], what: str, words: list[str], timeout_s: float) -> tuple[bytes, bytes]:
    started = time.monotonic()
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=SHOW_EVERY_S)
            elapsed_s = time.monotonic() - started
            if elapsed_s > timeout_s:
                raise FailedError(f"cannot {what}: no end after {timeout_s:g} s: {_spell(words)}")
            _show(f"  {what}: {elapsed_s:.0f} s")
    finally:
        _show("")
        if process.poll() is None:
            stop(process)


def _show(text: str) -> None:
    """Shows on a terminal that work goes on, in a line that the next one takes the place of."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a child process. It is asked first: make ends its own children then."""
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spell(words: list[str]) -> str:
    text = " ".join(words)
    return text if len(text) < SPELLED_CHARACTERS else text[:SPELLED_CHARACTERS] + " …"
