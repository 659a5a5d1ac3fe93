"""pin: what a pin costs from ordinary code, beside the call of an empty Python method measured in the same run.

Counted in instructions by the app pin_costs. The clock of AN385 has 40 of them a count: there a figure is a mean. On
the F405, whose GPIO the emulator does not model, the same stores go where nothing is.
"""

from collections.abc import Callable, Iterator

from host_tools.bench.app_output import CLOCKED_BOARDS, figures, output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board

EVERY_BOARD = False
APP = "pin_costs"
_AGAINST = "the call of an empty Python method"
_OF_BASELINE = {"pin/on": 1.5, "pin/off": 1.5}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on both boards that have a clock for them."""
    del board
    for name in CLOCKED_BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each case."""
    for name, value, baseline in figures(output_of(board, APP, say)):
        at_most = baseline * _OF_BASELINE[name] if name in _OF_BASELINE else None
        yield Row(board.name, name, value, "instructions", baseline=baseline, against=_AGAINST, at_most=at_most)
