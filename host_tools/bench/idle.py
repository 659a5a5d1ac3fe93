"""idle/cpu: how much of one host core an emulated board takes while its firmware waits."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from host_tools.bench import demo
from host_tools.bench.rows import Row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.link import read_until
from host_tools.raw_repl import FRIENDLY_PROMPT
from host_tools.targets.qemu import QemuTarget

EVERY_BOARD = True
ASKED_PERCENT = 5.0
SETTLE_S = 1.0
WATCHED_S = 10.0
TIMEOUT_S = 10.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Watches the board at its prompt and, where it can run it, with the demo, both at the same time."""
    waiting = {"idle/cpu": (build(board, None, say), FRIENDLY_PROMPT)}
    if demo.runs_on(board):
        waiting["idle/cpu/demo"] = (build(board, demo.APP, say), demo.FIRST_LINE)
    with ExitStack() as stack:
        targets = {}
        for name, (image, ready) in waiting.items():
            targets[name] = stack.enter_context(QemuTarget(image))
            read_until(targets[name].console, ready, TIMEOUT_S)
        time.sleep(SETTLE_S)
        started = time.monotonic()
        before = {name: cpu_seconds(target.pid) for name, target in targets.items()}
        time.sleep(WATCHED_S)
        after = {name: cpu_seconds(target.pid) for name, target in targets.items()}
        watched_s = time.monotonic() - started
    for name in targets:
        percent = (after[name] - before[name]) / watched_s * 100
        yield Row(board.name, name, percent, "% of a core", at_most=ASKED_PERCENT)


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used, in user mode and in the kernel: utime and stime of proc(5)."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
