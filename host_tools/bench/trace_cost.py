"""trace: what a recorded event costs on the chip, and what the traced code costs while nothing is recorded.

Counted in instructions by the app trace_costs, on each board with a clock for time stamps.
"""

from collections.abc import Callable, Iterator

from host_tools.bench.app_output import output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board

EVERY_BOARD = True
APP = "trace_costs"
NAMES = {"interrupt": "trace/event"}
"""The case that stands for all; the others are named after it."""

NOISE_INSTRUCTIONS = 1.0
"""What the tick's interrupt makes two measurements of the same code differ by."""


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """A row for each kind of event, and one for what is left of it when the trace is off."""
    if board.timestamps is None:
        say(f"{board.name} has no clock for time stamps")
        return
    left = 0.0
    for line in output_of(board, APP, say, locks=False).splitlines():
        name, event, before, after = line.split()
        yield Row(board.name, NAMES.get(name, f"trace/event/{name}"), round(float(event), 1), "instructions")
        left = max(left, abs(float(after) - float(before)))
    yield Row(board.name, "trace/off", round(left, 2), "instructions", at_most=NOISE_INSTRUCTIONS)
