"""log: what a line costs on the chip that the build removes, that the filter holds back, and that is printed.

Counted in instructions by the app log_costs. The emulated UART, to which a line is printed, is never full.
"""

import re
from collections.abc import Callable, Iterator

from host_tools.bench.app_output import CLOCKED_BOARDS, TIMEOUT_S, output_to_end
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.logs import Logs
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

EVERY_BOARD = False
APP = "log_costs"
EXACT_BOARD = CLOCKED_BOARDS[0]
"""An instruction more or less shows."""

_AT_MOST = {"log/removed": 0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on the board whose clock counts each instruction."""
    del board
    yield from costs(load_board(EXACT_BOARD), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each case."""
    found = _cases(board, say, framed=False)
    printed = found.pop("on")
    found["text"], found["framed"] = printed, _cases(board, say, framed=True)["on"]
    for case, value in found.items():
        name = f"log/{case}"
        yield Row(board.name, name, round(value), "instructions", at_most=_AT_MOST.get(name))


def _cases(board: Board, say: Callable[[str], None], framed: bool) -> dict[str, float]:
    image = build(board, APP, say, log_lines=Logs("debug", framed))
    with QemuTarget(image, arguments=["run"], icount=EXACT_ALONE) as target:
        output = output_to_end(target, APP, TIMEOUT_S)
    found = {case: float(value) for case, value in re.findall(r"^cost (\w+) (\S+)", output, re.MULTILINE)}
    if not found:
        raise FailedError(f"{APP} printed no costs: {output[-200:]!r}")
    return found
