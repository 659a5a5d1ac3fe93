"""Readings as a table, as lines of what has changed, and which block of a driver is meant."""

import io
from typing import Any

import pytest
from rich.console import Console

from host_tools.errors import UsageError
from host_tools.peek.find import main_block, registers_of
from host_tools.peek.reading import READING_ACTS, Reading
from host_tools.peek.table import changes, table
from host_tools.peek.watch import changed_lines
from host_tools.registers.model import Block, Field, Instance, Register, Values
from host_tools.registers.source import read_module

MODE = Values("Mode", (("INPUT", 0), ("OUTPUT", 1)))
MODER = Register("MODER", 0, fields=(Field("MODE", 0, 2, count=16, stride=2, values=MODE), Field("LOCK", 31)))
CTRL = Register("CTRL", 4, fields=(Field("EN", 0), Field("DIV", 8, 20)))
FIFO = Register("FIFO", 8, reading_acts=True, width=8)
PORT = Instance("PORT", Block("Gpio", (MODER, CTRL, FIFO)), 0x4800_0000)


def readings(**values: int) -> list[Reading]:
    """Of the registers in `values`."""
    return [
        Reading(each, values.get(each.path), "" if each.path in values else READING_ACTS)
        for each in registers_of(PORT, values)
    ]


def lines(found: list[Reading], changed: dict[str, int] | None = None, width: int = 80) -> list[str]:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table("PORT", found, changed or {}))
    return console.export_text().splitlines()


def test_elements_of_an_array_that_are_the_same_share_a_line() -> None:
    assert [line.split() for line in lines(readings(MODER=0b01_00_00_00_01_01_00))[2:]] == [
        ["MODER", "0x48000000", "0x00001014", "MODE0,3-5,7-15", "0", "INPUT"],
        ["MODE1-2,6", "1", "OUTPUT"],
        ["LOCK", "[31]", "0"],
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(width: int) -> None:
    shown = lines(readings(MODER=1, CTRL=0x0FFF_FF01, FIFO=3), width=width)
    assert max(map(len, shown)) <= width
    assert ["CTRL", "0x48000004", "0x0fffff01", "EN", "[0]", "1"] in [line.split() for line in shown]
    assert ["DIV", "[27:8]", "0xfffff"] in [line.split() for line in shown]
    assert ["FIFO", "0x48000008", "0x03"] in [line.split() for line in shown]


def test_what_has_changed() -> None:
    before, now = readings(MODER=0, CTRL=0x100), readings(MODER=0, CTRL=0x201)
    changed = changes(before, now)
    assert changed == {"CTRL": 0x301}
    assert changed_lines(now, before, changed) == ["CTRL 0x00000100 -> 0x00000201  EN 0 -> 1, DIV 0x1 -> 0x2"]


def test_elements_that_have_changed() -> None:
    before, now = readings(MODER=0), readings(MODER=0x400)
    assert changed_lines(now, before, changes(before, now)) == [
        "MODER 0x00000000 -> 0x00000400  MODE5 0 INPUT -> 1 OUTPUT"
    ]


def driver(text: str) -> Any:
    return main_block(read_module(f"from corten.register import Block, Cluster, Reg\n{text}", "driver.py"))


def test_the_block_that_is_made_of_the_others_is_meant() -> None:
    channel = "class Channel(Block):\n    X = Reg(0)\n"
    assert driver(f"{channel}class Dma(Block):\n    CH = Cluster(Channel, 0)\n").name == "Dma"
    assert driver(f"{channel}class _Inner(Block):\n    X = Reg(0)\n").name == "Channel"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class A(Block):\n    X = Reg(0)\nclass B(Block):\n    X = Reg(0)\n", "A, B"),
        ("X = 1\n", "none that can be read"),
    ],
)
def test_a_driver_that_is_about_no_block_or_about_two(text: str, found: str) -> None:
    with pytest.raises(UsageError, match=f"driver.py: expected one register block, found {found}"):
        driver(text)
