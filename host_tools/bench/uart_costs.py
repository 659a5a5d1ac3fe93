"""uart: instructions of a byte on its way in, beside code written by hand that knows of no error and counts no loss.

Counted by the app uart_costs, with the microseconds of many bytes: so figures are means.
"""

from collections.abc import Callable, Iterator
from typing import Any

from host_tools.bench.app_output import output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board

EVERY_BOARD = False
APP = "uart_costs"
BOARDS = ("netduinoplus2", "mps2_an385", "b_l475e_iot01a")
_AT_MOST = {"uart/receive-byte": 20.0, "uart/ring-to-buffer-byte": 10.0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on all boards."""
    del board
    for name in BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Those of one board."""
    for line in output_of(board, APP, say).splitlines():
        name, value, baseline = line.split()
        asked: dict[str, Any] = {"at_most": _AT_MOST.get(name)}
        if by_hand := float(baseline):
            asked |= {"baseline": round(by_hand, 1), "against": "written by hand"}
        yield Row(board.name, name, round(float(value), 1), "instructions", **asked)
