"""deploy: an app of 50 KiB in 20 files into a board's file system, beside `mpremote cp -r` of the same files.

Both are whole processes on the same pseudo-terminal, whose slave end is held open, and take turns on one emulator;
before each the board's file system is emptied. `deploy/50k` brings the app as it is brought by default, compiled (which
was done before); `deploy/50k/source` the files that mpremote brings, as they are but for the name of main.py.
`deploy/unchanged` and its baseline find that nothing is to do.
"""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools import paths
from host_tools.bench.clock import process_ms
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.raw_repl import RawRepl
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import SerialTarget

EVERY_BOARD = False
RUNS = 7
BYTES = 50 * 1024
FILES = 20
UNCHANGED_MS = 200.0
TIMES_FASTER = 3.0
MAIN = "import sample.refusal\n\nprint('the app runs')\n"
EMPTY = """
import os
def empty(path):
    for name, kind, *_ in list(os.ilistdir(path)):
        if kind == 0x4000:
            empty(path + name + '/')
            os.rmdir(path + name)
        else:
            os.remove(path + name)
empty('/')
"""


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Fresh and unchanged, of both programs."""
    corten, mpremote = (str(Path(sys.executable).parent / name) for name in ("corten", "mpremote"))
    with TemporaryDirectory(prefix="corten-") as folder, PtyEmulator(build(board, None, say)) as emulator:
        app = Path(folder) / "app"
        write_app(app)
        deploy = [corten, "deploy", str(app), "--port", emulator.port, "--no-start"]
        copy = [mpremote, "connect", emulator.port, "resume", "cp", "-r", *map(str, sorted(app.iterdir())), ":"]
        commands = {"50k": deploy, "50k/source": [*deploy, "--source"], "cp": copy}
        fresh, again = _take_turns(emulator.port, commands)
    cp_ms, again_ms = Spread.of(fresh["cp"]).median, Spread.of(again["cp"]).median
    for name in ("50k", "50k/source"):
        yield median_row(
            board.name, f"deploy/{name}", "ms", fresh[name],
            baseline=cp_ms, against="mpremote cp -r", at_most=cp_ms / TIMES_FASTER,
        )  # fmt: skip
    yield median_row(
        board.name, "deploy/unchanged", "ms", again["50k"],
        baseline=again_ms, against="mpremote cp -r", at_most=UNCHANGED_MS,
    )  # fmt: skip


def write_app(folder: Path) -> int:
    """Makes an app of FILES files, modules of the firmware whose sizes are next to each other, and returns its bytes.

    Of all such apps it is the one closest to BYTES.
    """
    sized = sorted((path.stat().st_size, path) for path in (paths.firmware_dir() / "corten").glob("[a-z]*.py"))
    runs = (sized[start : start + FILES - 1] for start in range(len(sized) - FILES + 2))
    chosen = min(runs, key=lambda run: abs(sum(size for size, _ in run) - BYTES))
    (folder / "sample").mkdir(parents=True)
    for _, path in chosen:
        shutil.copy(path, folder / "sample")
    return sum(size for size, _ in chosen) + (folder / "main.py").write_text(MAIN, encoding="utf-8")


def _take_turns(port: str, commands: Mapping[str, list[str]]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of each command, in turns: on an empty file system, and once more right after that."""
    fresh: dict[str, list[float]] = {name: [] for name in commands}
    again: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(RUNS + 1):
        for name, words in commands.items():
            _empty(port)
            first, second = process_ms(words), process_ms(words)
            if turn:  # the first one fills caches, the compiler's among them
                fresh[name].append(first)
                again[name].append(second)
    return fresh, again


def _empty(port: str) -> None:
    with SerialTarget(port) as target:
        repl = RawRepl(target.console)
        repl.enter()
        _, trace = repl.execute(EMPTY)
        repl.leave()
    if trace:
        raise FailedError(f"cannot empty the file system: {trace.decode(errors='replace')}")
