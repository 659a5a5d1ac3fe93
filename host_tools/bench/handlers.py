"""handler: what a handler of each kind costs, from the interrupt to the first thing its body does, in instructions.

Counted by the app interrupt_costs with an exact clock. AN385's clock has 40 instructions a count: there the usual cost
is a mean, and the worst may be one count less.
"""

from collections.abc import Callable, Iterator

from host_tools.bench.app_output import output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.errors import FailedError

EVERY_BOARD = False
APP = "interrupt_costs"
BOARDS = ("netduinoplus2", "mps2_an385")
INTERRUPTS = 10_000
AT_MOST = {"native": 12, "viper": 40, "hard": 760, "soft": 1150}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The usual cost, and the worst of INTERRUPTS while the main context collects."""
    for name in BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Those of one board."""
    (_, resolution), *lines = (line.split() for line in output_of(board, APP, say).splitlines())
    unsure = float(resolution) if float(resolution) > 1 else 0
    for kind, *figures in lines:
        usual, worst, interrupts, errors = map(float, figures)
        if errors or interrupts < INTERRUPTS:
            raise FailedError(f"{board.name}: {kind} handler: {interrupts:.0f} interrupts, {errors:.0f} exceptions")
        yield Row(board.name, f"handler/{kind}", round(usual, 1), "instructions", at_most=AT_MOST[kind])
        yield Row(board.name, f"handler/{kind}/worst", round(worst + unsure), "instructions")
