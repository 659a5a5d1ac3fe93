"""The programs that the pages of docs/ show run on the emulated boards that can do what they need."""

import re
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.testing.case import read_case
from host_tools.testing.runner import run_emulated

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "concurrency.md": ("mps2_an385", "netduinoplus2"),
    "debug.md": ("mps2_an385",),
    "ownership.md": ("mps2_an385",),
    "pins.md": ("b_l475e_iot01a",),
    "uart.md": ("mps2_an385", "netduinoplus2", "b_l475e_iot01a", "musca_b1"),
}
"""A page and the boards that its programs run on."""


def programs(page: str) -> list[str]:
    """The blocks of Python of a page, in their order."""
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("page", "number", "board"),
    [
        pytest.param(page, number, board, id=f"{page}-{number}-{board}")
        for page, boards in PAGES.items()
        for number in range(len(programs(page)))
        for board in boards
    ],
)
def test_program_runs_on_the_board(page: str, number: int, board: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    ended = programs(page)[number].replace("\napp.run()", "\ntry:\n    app.run()\nexcept SystemExit:\n    pass")
    path.write_text(ended, encoding="utf-8")
    assert run_emulated(read_case(path), build(load_board(board), None, print)) is None
