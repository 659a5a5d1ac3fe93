"""exec/print: `corten exec` as a whole process, beside `mpremote exec` on the same pseudo-terminal."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.bench.clock import TIMEOUT_S, process_ms, take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.targets.pty import PtyEmulator

EVERY_BOARD = False
RUNS = 25
PROGRAM_TEXT = "print(1)"
OUTPUT = b"1"


def measure(board: Board, say: Callable[[str], None]) -> list[Row]:
    """Both programs in turn, against one emulator that runs already; then ours against its own background emulator."""
    corten, mpremote = (str(Path(sys.executable).parent / name) for name in ("corten", "mpremote"))
    image = build(board, None, say)
    with PtyEmulator(image) as emulator:
        port = emulator.port
        commands = {
            "corten": [corten, "exec", "--port", port, PROGRAM_TEXT],
            "mpremote": [mpremote, "connect", port, "exec", PROGRAM_TEXT],
            "resume": [mpremote, "connect", port, "resume", "exec", PROGRAM_TEXT],
        }
        samples = take_turns(RUNS, {name: partial(process_ms, words, OUTPUT) for name, words in commands.items()})
    with _background(corten, board) as environment:
        command = [corten, "exec", "--board", board.name, PROGRAM_TEXT]
        detached = take_turns(RUNS, {"detached": partial(process_ms, command, OUTPUT, environment)})["detached"]
    exec_ms, resume_ms = (Spread.of(samples[name]).median for name in ("mpremote", "resume"))
    return [
        _row(board, "exec/print", samples["corten"], exec_ms, "mpremote connect … exec"),
        _row(board, "exec/print/resume", samples["corten"], resume_ms, "mpremote connect … resume exec"),
        median_row(board.name, "exec/print/detached", "ms", detached),
    ]


def _row(board: Board, name: str, samples: list[float], baseline: float, against: str) -> Row:
    return median_row(board.name, name, "ms", samples, baseline=baseline, against=against, at_most=baseline)


@contextmanager
def _background(corten: str, board: Board) -> Iterator[dict[str, str]]:
    """`corten run --detach`, in a folder of its own so that it does not meet an emulator that the user runs."""
    with TemporaryDirectory(prefix="corten-") as folder:
        environment = {**os.environ, "XDG_RUNTIME_DIR": folder}
        call = partial(
            subprocess.run, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
        call([corten, "run", "--detach", "--board", board.name], check=True)
        try:
            yield environment
        finally:
            call([corten, "stop", "--board", board.name], check=True)
