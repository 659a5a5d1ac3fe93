"""build: the time of `corten build` for a board with a firmware of MicroPython's own, from nothing and for a change."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.bench.clock import since_ms, take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board, load_all
from host_tools.process import Word, plain_environment, run
from host_tools.stock.cmake import TARGET
from host_tools.stock.firmware import compile_port, stock_firmware

EVERY_BOARD = False
RUNS = 7
COLD_ASKED_S, WARM_ASKED_S = 180.0, 3.0
MANIFEST = 'freeze("$(PORT_DIR)/modules")\ninclude("$(MPY_DIR)/extmod/asyncio")\nfreeze("{}")\n'


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Of each board with such a firmware: with an empty cache, and after a change of the app."""
    del board
    for each in load_all():
        if each.firmware:
            with TemporaryDirectory(prefix="corten-") as folder:
                yield from _times(each, Path(folder), say)


def _times(board: Board, folder: Path, say: Callable[[str], None]) -> Iterator[Row]:
    name = f"build/{board.name.replace('_', '-')}"
    app = folder / "app" / "main.py"
    app.parent.mkdir()
    ours = partial(_changed_s, app, _corten(board, app, folder))
    yield Row(board.name, f"{name}/cold", ours(), "s", at_most=COLD_ASKED_S)
    theirs = partial(_changed_s, app, _make(board, app, folder, say))
    samples = take_turns(RUNS, {"corten": ours, "make": theirs})
    make_s = Spread.of(samples["make"]).median
    against = "make, the app in its manifest"
    yield median_row(
        board.name, f"{name}/warm", "s", samples["corten"], baseline=make_s, against=against, at_most=WARM_ASKED_S
    )


def _changed_s(app: Path, build: Callable[[], object]) -> float:
    """Seconds that a build takes after the app was changed."""
    app.write_text(f"print({time.time_ns()})\n", encoding="utf-8")
    started = time.perf_counter()
    build()
    return since_ms(started) / 1e3


def _corten(board: Board, app: Path, folder: Path) -> Callable[[], object]:
    """`corten build` with a cache and a build folder of its own."""
    command: list[Word] = [Path(sys.executable).parent / "corten", "build", "--board", board.name, app.parent]
    env = {**os.environ, "CORTEN_CACHE": str(folder / "cache"), "CORTEN_BUILD": str(folder / "build")}
    return lambda: run(command, what="measure a build", env=env)


def _make(board: Board, app: Path, folder: Path, say: Callable[[str], None]) -> Callable[[], object]:
    """MicroPython's own build of the same port, compiled once, with the app in its manifest."""
    stock, place = stock_firmware(board, say), folder / "make"
    if board.firmware is None:
        raise ValueError(f"{board.name} runs Corten's own port")
    compile_port(place, stock.source, board.firmware, stock.mpy_cross)
    (place / "manifest.py").write_text(MANIFEST.format(app.parent), encoding="utf-8")
    env = {**plain_environment(), "MICROPY_MPYCROSS": str(stock.mpy_cross)}
    return lambda: run(["make", "-C", place / "build", TARGET], what="measure a build", env=env)
