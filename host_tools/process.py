"""Child processes that report a failure as an error with the command's own words."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from host_tools.errors import FailedError, MissingToolError

TAIL_LINES = 20


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float | None = 900,
) -> str:
    """Runs a command to its end and returns what it printed.

    `what` names the work in the error: FailedError with the output's last lines when the command fails or takes longer
    than `timeout_s`, MissingToolError when it is not there.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as error:
        raise MissingToolError(f"{what}: {command[0]} is not installed", fix="corten doctor --fix") from error
    except subprocess.TimeoutExpired as error:
        raise FailedError(f"{what}: no end after {timeout_s:.0f} s: {_spell(command)}") from error
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
        raise FailedError(f"{what}: {_spell(command)} ended with status {done.returncode}\n{tail}")
    return done.stdout


def _spell(command: Sequence[str | Path]) -> str:
    words = " ".join(str(part) for part in command)
    return words if len(words) < 200 else words[:200] + " …"
