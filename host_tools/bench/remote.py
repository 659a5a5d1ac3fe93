"""remote/exec: `corten exec` as a whole process on the same board, at its port and through `corten serve`."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from host_tools.bench.clock import process_ms, take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.targets.pty import PtyEmulator

EVERY_BOARD = False
RUNS = 20
PROGRAM = "print(1)"
OUTPUT = b"1"
MUCH_MORE = 1.5
STOP_TIMEOUT_S = 10.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Through RFC 2217, ours and mpremote's with pyserial's client, and as plain bytes."""
    corten, mpremote = (str(Path(sys.executable).parent / name) for name in ("corten", "mpremote"))
    with PtyEmulator(build(board, None, say)) as emulator:
        at_port = [corten, "exec", "--port", emulator.port, PROGRAM]
        for name, options in {"rfc2217": [], "socket": ["--raw"]}.items():
            with _served([corten, "serve", "--port", emulator.port, *options]) as url:
                ours = [corten, "exec", "--port", url, PROGRAM]
                theirs = [mpremote, "connect", url, "resume", "exec", PROGRAM]
                commands = {"port": at_port, "ours": ours, "theirs": theirs}
                samples = take_turns(RUNS, {key: partial(process_ms, words, OUTPUT) for key, words in commands.items()})
            base, other = (Spread.of(samples[key]).median for key in ("port", "theirs"))
            row = f"remote/exec/{name}"
            against = {"baseline": base, "against": "corten exec at the board's own port"}
            yield median_row(board.name, row, "ms", samples["ours"], **against, at_most=MUCH_MORE * base)
            against = {"baseline": other, "against": "mpremote resume exec through the same server"}
            yield median_row(board.name, f"{row}/mpremote", "ms", samples["ours"], **against, at_most=other)


@contextmanager
def _served(command: list[str]) -> Iterator[str]:
    """Runs `corten serve` at a free port; the URL that it offers."""
    words = [*command, "--listen", "127.0.0.1:0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout
            lines = iter(process.stdout.readline, b"}\n")
            yield json.loads(b"".join(lines) + b"}")["url"]
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT_S)
