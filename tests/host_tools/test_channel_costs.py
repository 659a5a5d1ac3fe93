"""Channels, signals and asyncio's waits cost no more than was asked for."""

import pytest

from host_tools.bench import channel_costs
from host_tools.boards import load_board

NAMES = {
    "channel/word": 40,
    "signal/to-task-idle": 0.4,
    "signal/to-task-busy": 0.4,
    "asyncio/switch": 1,
    "asyncio/lock": 1,
}


@pytest.mark.parametrize("board", channel_costs.CLOCKED_BOARDS)
def test_bars_are_met(board: str) -> None:
    """Counted in instructions, which do not depend on the machine that this runs on."""
    rows = {row.name: row for row in channel_costs.costs(load_board(board), print)}
    assert [row.name for row in rows.values() if row.missed] == []
    for name, bar in NAMES.items():
        asked = rows[name].at_most
        assert asked is not None
        assert asked == (bar if bar > 1 else bar * (rows[name].baseline or 0))
