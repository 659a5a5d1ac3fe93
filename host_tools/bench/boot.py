"""boot: from starting the emulator's process to the first line of an app, of a bare main.py, and to the prompt."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools import source
from host_tools.bench import demo, stock
from host_tools.bench.clock import process_ms, since_ms, take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import Image, build
from host_tools.errors import FailedError
from host_tools.link import read_until
from host_tools.raw_repl import FRIENDLY_PROMPT, RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget
from host_tools.targets.version import PROGRAM

EVERY_BOARD = True
RUNS = 60
TIMEOUT_S = 10.0
ASKED_MS = 75.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Cold boots of one board, under an exact instruction clock."""
    if demo.runs_on(board):
        yield from _first_line(board, say)
    yield _prompt(board, say)


def _first_line(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    app, bare = build(board, demo.APP, say), build(board, None, say)
    with TemporaryDirectory() as folder:
        disk = disk_with_main(bare, Path(folder))
        samples = take_turns(
            RUNS,
            {
                "app": partial(_boot_ms, app, demo.FIRST_LINE),
                "bare": partial(_boot_ms, bare, demo.FIRST_LINE, disk),
                "version": partial(process_ms, [PROGRAM, "--version"]),
            },
        )
    against = {"baseline": Spread.of(samples["bare"]).median, "against": "main.py in a file system, no app"}
    yield median_row(board.name, "boot/first-line", "ms", samples["app"], **against, at_most=ASKED_MS)
    yield median_row(board.name, "boot/emulator-version", "ms", samples["version"])


def _prompt(board: Board, say: Callable[[str], None]) -> Row:
    candidates = {"ours": partial(_boot_ms, build(board, None, say), FRIENDLY_PROMPT)}
    theirs = stock.build(board, source.find(say), say)
    if theirs:
        candidates["stock"] = partial(_boot_ms, theirs, FRIENDLY_PROMPT)
    samples = take_turns(RUNS, candidates)
    baseline = Spread.of(samples["stock"]).median if theirs else None
    against = "MicroPython's own port" if theirs else None
    return median_row(board.name, "boot/prompt", "ms", samples["ours"], baseline=baseline, against=against)


def _boot_ms(image: Image, ending: bytes, options: Sequence[str] = ()) -> float:
    started = time.perf_counter()
    with QemuTarget(image, icount=EXACT, options=options) as target:
        read_until(target.console, ending, TIMEOUT_S)
        return since_ms(started)


def disk_with_main(image: Image, folder: Path) -> list[str]:
    """Has a board write main.py, and returns the emulator's options that start another one with the same disk."""
    place = image.board.filesystem
    assert place
    program = f"print({demo.FIRST_LINE.decode()!r})"
    base, dump = image.board.filesystem_base, folder / "disk"
    with QemuTarget(image, monitor=True) as target:
        repl = RawRepl(target.console)
        repl.enter_after_boot()
        _, trace = repl.execute(f"with open('main.py', 'w') as file: file.write({program!r})")
        if trace:
            raise FailedError(f"the board could not write main.py: {trace.decode(errors='replace')}")
        target.monitor.command(f'pmemsave {base:#x} {place.size} "{dump}"')
    return ["-device", f"loader,file={dump},addr={base:#x},force-raw=on"]
