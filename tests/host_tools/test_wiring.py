"""What tests/wiring says to connect exists, and the target tests that want it are named there."""

from pathlib import Path
from typing import Any

import pytest

from host_tools.boards import Board, load_board
from host_tools.testing.case import find_paths, read_case
from host_tools.testing.wiring import jumper, wiring

TESTS = Path(__file__).parents[1]
FILES = sorted((TESTS / "wiring").glob("*.toml"))
CASES = [read_case(path) for path in find_paths(TESTS / "target")]
FIELDS = {"pins", "tests", "emulated"}


def jumpers() -> list[Any]:
    return [
        pytest.param(load_board(path.stem), name, value, id=f"{path.stem}-{name}")
        for path in FILES
        for name, value in wiring(path).get("jumpers", {}).items()
    ]


@pytest.mark.parametrize(("board", "name", "described"), jumpers())
def test_a_jumper_connects_two_pins_and_names_its_tests(board: Board, name: str, described: dict[str, Any]) -> None:
    assert described.keys() <= FIELDS
    assert len(set(described["pins"])) == 2
    assert all(pin in board.pins or board.chip_pin(pin) for pin in described["pins"])
    assert described["tests"] == [case.path.name for case in CASES if case.jumper == name]


@pytest.mark.parametrize(("board", "name", "described"), jumpers())
def test_the_emulated_ends_are_those_pins(board: Board, name: str, described: dict[str, Any]) -> None:
    played = jumper(TESTS / "target", board.name, name)
    assert played
    for pin, end in zip(played.pins, (played.output, played.input), strict=True):
        place = board.pins.get(pin) or board.chip_pin(pin)
        assert place
        assert end is None or end == (f"/machine/soc/{place.peripheral.lower()}", place.bit)
    assert tuple(described["pins"]) == played.pins


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_link_is_a_peripheral_of_the_board(path: Path) -> None:
    found = wiring(path)
    assert found.keys() <= {"jumpers", "links"}
    assert all(link.keys() == {"peripheral"} for link in found.get("links", []))
    assert all(link["peripheral"] in load_board(path.stem).peripherals for link in found.get("links", []))


def test_every_jumper_that_a_test_wants_is_described() -> None:
    described = {name for path in FILES for name in wiring(path).get("jumpers", {})}
    assert {case.jumper for case in CASES if case.jumper} == described


def test_a_board_without_the_jumper_excludes_the_test() -> None:
    case = next(case for case in CASES if case.jumper)
    assert case.excluded_on(load_board("b_l475e_iot01a"), wired=True) is None
    reason = case.excluded_on(load_board("netduinoplus2"), wired=True)
    assert reason
    without = next(case for case in CASES if not case.jumper)
    assert without.jumper_on(load_board("b_l475e_iot01a")) is None
