"""What log lines cost, in instructions, which do not depend on the machine that this runs on."""

from host_tools.bench import log_costs
from host_tools.boards import load_board


def test_line_that_the_build_removes_costs_nothing() -> None:
    found = {row.name: row for row in log_costs.costs(load_board(log_costs.EXACT_BOARD), print)}
    assert list(found) == ["log/removed", "log/off", "log/unlowered", "log/text", "log/framed"]
    assert found["log/removed"].value == 0
    assert found["log/off"].value < found["log/unlowered"].value < found["log/framed"].value
    assert [(row.name, row.value) for row in found.values() if row.missed] == []
