"""critical, ceiling, shared: what holding a lock costs on the chip, beside the same effect written by hand.

Counted in instructions by the app lock_costs. The clock of AN385 has 40 of them a count: there a figure is a mean.
"""

from collections.abc import Callable, Iterator
from typing import Any

from host_tools.bench.app_output import CLOCKED_BOARDS, figures, output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board

EVERY_BOARD = False
APP = "lock_costs"
_AGAINST = "disable_irq, try, finally, enable_irq"
_AT_MOST = {
    "critical/enter-exit/hot": 10,
    "ceiling/enter-exit/hot": 12,
    "ceiling/enter-exit/m0": 12,
    "critical/enter-exit/unlowered": 1000,
}
_WITH, _WITHOUT = "ceiling/enter-exit/hot", "ceiling/enter-exit/m0"
"""The same function, built as for a core with and without BASEPRI; the same core runs both."""

_OF_BASELINE = {"critical/enter-exit/lowered": 1.0, "ceiling/enter-exit/lowered": 1.0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on both boards that have a clock for them."""
    del board
    for name in CLOCKED_BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each case."""
    found = list(figures(output_of(board, APP, say)))
    without = figures(output_of(board, APP, say, basepri=False))
    found += [(_WITHOUT, *costs) for name, *costs in without if name == _WITH]
    for name, value, *baseline in found:
        asked: dict[str, Any] = {"at_most": _AT_MOST.get(name)}
        if baseline:
            asked |= {"baseline": baseline[0], "against": _AGAINST}
        if name in _OF_BASELINE:
            asked["at_most"] = baseline[0] * _OF_BASELINE[name]
        yield Row(board.name, name, value, "instructions", **asked)
