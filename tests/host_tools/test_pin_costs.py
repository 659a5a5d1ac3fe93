"""What pins cost from ordinary code, in instructions, which do not depend on the machine that this runs on."""

import pytest

from host_tools.bench import pin_costs
from host_tools.boards import load_board

NAMES = ["pin/on", "pin/off", "pin/toggle", "pin/value", "pin/value-write"]


@pytest.mark.parametrize("board", pin_costs.CLOCKED_BOARDS)
def test_pins_cost_what_was_asked_for_at_most(board: str) -> None:
    rows = list(pin_costs.costs(load_board(board), print))
    assert [row.name for row in rows] == NAMES
    assert [(row.name, row.value) for row in rows if row.missed] == []
