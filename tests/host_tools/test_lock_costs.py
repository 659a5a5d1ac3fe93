"""What lowered locks cost, in instructions, which do not depend on the machine that this runs on."""

import pytest

from host_tools.bench import lock_costs
from host_tools.boards import load_board

NAMES = [
    *("critical/enter-exit/hot", "ceiling/enter-exit/hot", "shared/add/hot"),
    *("critical/enter-exit/lowered", "critical/enter-exit/unlowered"),
    *("ceiling/enter-exit/lowered", "ceiling/enter-exit/unlowered"),
    *("shared/add/lowered", "shared/add/unlowered", "ceiling/enter-exit/m0"),
]


@pytest.mark.parametrize("board", lock_costs.CLOCKED_BOARDS)
def test_lowered_locks_cost_what_was_asked_for_at_most(board: str) -> None:
    rows = list(lock_costs.costs(load_board(board), print))
    assert [row.name for row in rows] == NAMES
    assert [(row.name, row.value) for row in rows if row.missed] == []
