"""What an app prints until it ends, on an emulated board that executes one instruction at each tick of its clock."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from host_tools.boards import Board
from host_tools.build import build
from host_tools.errors import FailedError, TargetError
from host_tools.link import CHUNK, LinkClosedError
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

TIMEOUT_S = 60.0

CLOCKED_BOARDS = ("netduinoplus2", "mps2_an385")
"""The boards whose clock tells instructions."""


def output_of(board: Board, app: str, say: Callable[[str], None], **options: Any) -> str:
    """Builds with these `options` and runs it. FailedError or TargetError unless it ends well in time."""
    with QemuTarget(build(board, app, say, **options), arguments=["run"], icount=EXACT_ALONE) as target:
        return output_to_end(target, app, TIMEOUT_S)


def output_to_end(target: QemuTarget, app: str, timeout_s: float) -> str:
    """What a running app prints from now on. FailedError or TargetError unless it ends well in time."""
    text = b""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            text += target.console.read(CHUNK, 1.0)
        except LinkClosedError:
            break
    status = target.status()
    if status is None:
        raise TargetError(f"{app} did not end within {timeout_s:g} s")
    if status:
        raise FailedError(f"{app} ended with status {status}: {text.decode(errors='replace')}")
    return text.decode(errors="replace")


def figures(output: str) -> Iterator[tuple[Any, ...]]:
    """Of each line that an app prints: the case, its cost and, where it has one, its baseline, in whole numbers."""
    for line in output.splitlines():
        name, *costs = line.split()
        yield name, *(round(float(cost)) for cost in costs)
