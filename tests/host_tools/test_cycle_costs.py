"""What pins and received bytes cost on the emulated RP2040, in cycles, which do not depend on the machine."""

from host_tools.bench import cycle_costs
from host_tools.boards import load_board

NAMES = ["pin/write/hot", "pin/toggle/hot", "pin/read/hot", "pin/on"]
BYTES = ["uart/receive-byte/of-1", "uart/receive-byte/of-4", "uart/receive-byte/of-8", "uart/receive-byte/of-16"]


def test_hot_code_costs_what_is_written_by_hand_and_a_byte_less_the_more_there_are() -> None:
    rows = list(cycle_costs.measure(load_board(cycle_costs.BOARD), print))
    assert [row.name.removeprefix("cycles/") for row in rows] == NAMES + BYTES
    assert [(row.name, row.value) for row in rows if row.missed] == []
    of_bytes = [row.value for row in rows[-len(BYTES) :]]
    assert of_bytes == sorted(of_bytes, reverse=True)
