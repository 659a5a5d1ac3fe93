"""exec/print: `corten exec` as a whole process, beside `mpremote exec` on the same pseudo-terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.bench.clock import process_ms, take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.process import run
from host_tools.targets.pty import PtyEmulator

EVERY_BOARD = False
RUNS = 40
PROGRAM_TEXT = "print(1)"
OUTPUT = b"1"


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Both programs in turn, against one emulator that runs already; ours against a background emulator as well."""
    corten, mpremote = (str(Path(sys.executable).parent / name) for name in ("corten", "mpremote"))
    with PtyEmulator(build(board, None, say)) as emulator, _background(corten, board) as environment:
        port = emulator.port
        commands = {
            "corten": [corten, "exec", "--port", port, PROGRAM_TEXT],
            "mpremote": [mpremote, "connect", port, "exec", PROGRAM_TEXT],
            "resume": [mpremote, "connect", port, "resume", "exec", PROGRAM_TEXT],
            "detached": [corten, "exec", "--board", board.name, PROGRAM_TEXT],
        }
        candidates = {name: partial(process_ms, words, OUTPUT, environment) for name, words in commands.items()}
        samples = take_turns(RUNS, candidates)
    exec_ms, resume_ms = (Spread.of(samples[name]).median for name in ("mpremote", "resume"))
    yield _row(board, "exec/print", samples["corten"], exec_ms, "mpremote connect … exec")
    yield _row(board, "exec/print/resume", samples["corten"], resume_ms, "mpremote connect … resume exec")
    yield median_row(board.name, "exec/print/detached", "ms", samples["detached"])


def _row(board: Board, name: str, samples: list[float], baseline: float, against: str) -> Row:
    return median_row(board.name, name, "ms", samples, baseline=baseline, against=against, at_most=baseline)


@contextmanager
def _background(corten: str, board: Board) -> Iterator[dict[str, str]]:
    """`corten run --detach`, in a folder of its own so that it does not meet an emulator that the user runs."""
    with TemporaryDirectory(prefix="corten-") as folder:
        environment = {**os.environ, "XDG_RUNTIME_DIR": folder}
        run([corten, "run", "--detach", "--board", board.name], what="start a background emulator", env=environment)
        try:
            yield environment
        finally:
            run([corten, "stop", "--board", board.name], what="stop the background emulator", env=environment)
