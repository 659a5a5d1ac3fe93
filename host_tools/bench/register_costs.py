"""registers: what an access costs on the chip, beside the same effect written by hand, and what importing costs.

Counted in instructions by the app register_costs on a board whose TIM2 counts them; heap by `gc.mem_alloc`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from host_tools import mpy_cross, paths, source
from host_tools.bench.app_output import figures, output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.raw_repl import RawRepl
from host_tools.svd import generate
from host_tools.svd.parser import load
from host_tools.svd.read import Chip
from host_tools.svd.vendors import svd_file
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

EVERY_BOARD = False
APP = "register_costs"
CLOCKED_BOARD = "netduinoplus2"
SVD = "STM32L4x5.svd"
TIMEOUT_S = 60.0
HEAP_ASKED_BYTES = 6144
_AGAINST = {"hot": "hand-written viper", "ordinary": "hand-written mem32", "unlowered": "uctypes bit field"}
_AT_MOST = {"hot": 1.0, "ordinary": 1.0, "unlowered": 2.0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on the board with the exact clock; heap on `board`."""
    yield from costs(say)
    yield from _heap(board, say)


def costs(say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each access."""
    board = load_board(CLOCKED_BOARD)
    for name, value, *baseline in figures(output_of(board, APP, say)):
        kind = name.rpartition("/")[2]
        asked: dict[str, Any] = {}
        if baseline:
            asked = {"baseline": baseline[0], "against": _AGAINST[kind], "at_most": baseline[0] * _AT_MOST[kind]}
        yield Row(board.name, f"registers/{name}", value, "instructions", **asked)


def _heap(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Bytes that modules take when they are imported from .mpy files, as on a board without our image."""
    with QemuTarget(build(board, None, say), icount=EXACT_ALONE) as target, TemporaryDirectory() as folder:
        repl = RawRepl(target.console)
        repl.enter_after_boot()
        for name, content in _compiled(board, Path(folder), say).items():
            _execute(repl, f"with open({name!r}, 'wb') as file: file.write({content!r})")
        figures = [int(figure) for figure in _execute(repl, _IMPORTS).split()]
    names = ("register", "register+gpio", "register+gpio/first-field")
    for name, figure in zip(names, figures, strict=True):
        most = HEAP_ASKED_BYTES if name == "register+gpio" else None
        yield Row(board.name, f"registers/heap/{name}", figure, "bytes", at_most=most)


_IMPORTS = """
import gc, sys
sys.path.insert(0, "/")
def grown(before):
    gc.collect()
    return gc.mem_alloc() - before
start = grown(0)
import register
print(grown(start))
import gpioa
print(grown(start))
gpioa.GPIOA.MODER.MODER5
print(grown(start))
"""
_MODULES = ("register", "field")
_ON_TOP = re.compile(rf"\bcorten\.({'|'.join(_MODULES)})\b")


def _compiled(board: Board, folder: Path, say: Callable[[str], None]) -> dict[str, bytes]:
    """The modules as .mpy files at the top of the file system, where they are no part of a frozen package."""
    cross = mpy_cross.find(source.find(say).version, say)
    texts = {name: (paths.firmware_dir() / "corten" / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    vendor = svd_file(SVD, say)
    texts["gpioa"] = generate.modules(Chip(load(vendor), vendor.name), ["GPIOA"])["gpioa.py"]
    compiled = {}
    for name, text in texts.items():
        path, output = folder / f"{name}.py", folder / f"{name}.mpy"
        path.write_text(_ON_TOP.sub(r"\1", text), encoding="utf-8")
        mpy_cross.compile_file(cross, path, path.name, output, board.mpy_arch, shown=path)
        compiled[output.name] = output.read_bytes()
    return compiled


def _execute(repl: RawRepl, program: str) -> str:
    output, trace = repl.execute(program, TIMEOUT_S)
    if trace:
        raise FailedError(f"the board raised: {trace.decode(errors='replace')}")
    return output.decode()
