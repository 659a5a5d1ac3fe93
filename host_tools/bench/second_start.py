"""run/second-start: what `make run` does before its guest speaks, when everything is there already."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from host_tools.bench.clock import process_ms, since_ms, take_turns
from host_tools.bench.rows import Row, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.errors import FailedError, UsageError
from host_tools.modbus.layout import APP, FIRST_LINE

EVERY_BOARD = False
RUNS = 5
NEEDS = {"led", "uart", "timer"}
ASKED_MS = 3000.0
STOP_TIMEOUT_S = 10.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The set-up of `make run` and then the node's first line, several times. UsageError outside a checkout."""
    if not Path("Makefile").exists() or not set(board.capabilities) >= NEEDS:
        raise UsageError(f"there is no `make run` on {board.name} here", fix="start it at the top of Corten's checkout")
    build(board, APP, say)
    samples = take_turns(RUNS, {"start": partial(_start_ms, board)})["start"]
    yield median_row(board.name, "run/second-start", "ms", samples, at_most=ASKED_MS)


def _start_ms(board: Board) -> float:
    setup_ms = process_ms(["make", "-s", "setup", f"BOARD={board.name}"])
    started = time.perf_counter()
    command = [str(Path(sys.executable).parent / "corten"), "run", APP, "--board", board.name, "--timeout", "20"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            guest_ms = since_ms(started)
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_S)
    if not line.startswith(FIRST_LINE):
        raise FailedError(f"{' '.join(command)} printed {line!r} first")
    return setup_ms + guest_ms
