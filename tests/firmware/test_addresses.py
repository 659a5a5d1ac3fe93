"""Absolute addresses of live registers: those of tests/driver_tables.toml, which are from the manuals."""

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLES = tomllib.loads((ROOT / "tests" / "driver_tables.toml").read_text(encoding="utf-8"))["table"]
PLACES = [
    pytest.param(table["block"], place, id=f"{table['block']}-{place.get('instance') or place['constant']}")
    for table in TABLES
    for place in table["at"]
]


def base_of(module, place):
    if "constant" in place:
        return getattr(module, place["constant"])
    chip, _, instance = place["instance"].partition(".")
    text = (ROOT / "boards" / "chips" / f"{chip}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["peripherals"][instance]["base"]


def address_of(live, name):
    name, _, index = name.rstrip("]").partition("[")
    register = getattr(live, name)
    return (register[int(index)] if index else register).address


@pytest.mark.parametrize(("block", "place"), PLACES)
def test_addresses(block, place):
    name, _, class_name = block.rpartition(".")
    module = importlib.import_module(name)
    live = getattr(module, class_name)(base_of(module, place))
    assert {name: address_of(live, name) for name in place["addresses"]} == place["addresses"]


def test_interrupt_registers_of_a_high_line():
    from corten.irq import Interrupt

    line = Interrupt(31)
    assert (line._lines.ISER.address, line._bit, line.pend_store()) == (0xE000_E100, 1 << 31, (0xE000_E200, 1 << 31))
