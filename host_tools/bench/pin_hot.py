"""pin, in `@hot` code: what an operation costs on the chip, beside the same effect written by hand in viper.

Counted in instructions by the app pin_hot. The emulated STM32F405 has no GPIO, and runs the stores all the same; the
clock of AN385 has 40 instructions a count. The hand-written toggle masks no interrupts, and nothing is asked of it.
"""

from collections.abc import Callable, Iterator

from host_tools.bench.app_output import CLOCKED_BOARDS, output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board

EVERY_BOARD = False
APP = "pin_hot"
_UNASKED = ("pin/toggle/hot",)


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on both boards that have a clock for them."""
    del board
    for name in CLOCKED_BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each operation."""
    for line in output_of(board, APP, say).splitlines():
        name, *figures = line.split()
        value, by_hand = (round(float(figure), 1) for figure in figures)
        most = None if name in _UNASKED else by_hand
        yield Row(board.name, name, value, "instructions", by_hand, "hand-written viper", at_most=most)
