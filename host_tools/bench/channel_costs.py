"""channel, signal, asyncio: what passing words and events costs on the chip, beside what MicroPython has for it.

Counted in instructions by the app channel_costs. The clock of AN385 has 40 of them a count: there a figure is a mean.
"""

from collections.abc import Callable, Iterator
from typing import Any

from host_tools.bench.app_output import CLOCKED_BOARDS, figures, output_of
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board

EVERY_BOARD = False
APP = "channel_costs"
_AGAINST = {
    "channel/pop/hot": "hand-written viper",
    "channel/word": "hand-written viper",
    "channel/put/unlowered": "deque.append",
    "channel/get/unlowered": "deque.popleft",
    "signal/to-task": "asyncio.ThreadSafeFlag",
    "asyncio/lock": "asyncio.Lock",
    "asyncio/switch": "asyncio's own queue",
}
_AT_MOST = {"channel/word": 40.0}
_OF_BASELINE = {"signal/to-task": 0.4, "asyncio/lock": 1.0, "asyncio/switch": 1.0}


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The costs on both boards that have a clock for them."""
    del board
    for name in CLOCKED_BOARDS:
        yield from costs(load_board(name), say)


def costs(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Instructions of each case."""
    for name, value, *baseline in figures(output_of(board, APP, say)):
        asked: dict[str, Any] = {"at_most": _AT_MOST.get(name)}
        if baseline:
            ratio = _of(_OF_BASELINE, name)
            asked.update(baseline=baseline[0], against=_of(_AGAINST, name))
            if ratio is not None:
                asked["at_most"] = baseline[0] * ratio
        yield Row(board.name, name, value, "instructions", **asked)


def _of(table: dict[str, Any], name: str) -> Any:
    return next((value for prefix, value in table.items() if name.startswith(prefix)), None)
