"""The register tables of firmware/corten against the manuals' addresses and the vendors' SVD files."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from host_tools import paths
from host_tools.boards import load_chip
from host_tools.registers.model import Access, Block, Field, Register, placed
from host_tools.registers.source import Library, Module
from host_tools.svd.parser import load
from host_tools.svd.read import Chip
from host_tools.svd.vendors import svd_file
from tests.host_tools.tables import differences

TABLES = tomllib.loads((Path(__file__).parents[1] / "driver_tables.toml").read_text(encoding="utf-8"))["table"]
FIRMWARE = paths.firmware_dir()
LIBRARY = Library(FIRMWARE)


def module_of(table: dict[str, Any]) -> Module:
    module = LIBRARY(table["block"].rpartition(".")[0])
    assert module is not None
    return module


def block_of(table: dict[str, Any]) -> Block:
    return module_of(table).blocks[table["block"].rpartition(".")[2]]


def base_of(table: dict[str, Any], place: dict[str, Any]) -> int:
    if "constant" in place:
        return module_of(table).constants[place["constant"]]
    chip, _, instance = place["instance"].partition(".")
    return load_chip(chip, paths.root() / "boards").peripherals[instance].base


def name_of(table: dict[str, Any]) -> str:
    return str(table["block"])


def test_every_table_is_held_to_something() -> None:
    files = [*FIRMWARE.glob("corten/*.py"), *FIRMWARE.glob("corten/drivers/*.py")]
    names = [".".join(path.relative_to(FIRMWARE).with_suffix("").parts) for path in files]
    blocks = [f"{name}.{block}" for name in names if (module := LIBRARY(name)) for block in module.blocks]
    assert sorted(blocks) == sorted(map(name_of, TABLES))
    assert not [table["block"] for table in TABLES if ("svd" in table) == ("without_svd" in table)]


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_addresses_of_the_manual(table: dict[str, Any]) -> None:
    block = block_of(table)
    named = set()
    for place in table["at"]:
        addresses = {each.path: each.address for each in placed(block, base_of(table, place))}
        assert {path: addresses[path] for path in place["addresses"]} == place["addresses"]
        named |= place["addresses"].keys()
    assert named == {each.path for each in placed(block, 0)}, "every register has an address from the manual"


COMPARED = [
    pytest.param(table, svd, peripheral, id=f"{table['block']}-{svd['file']}-{peripheral}")
    for table in TABLES
    for svd in table.get("svd", ())
    for peripheral in svd["peripherals"]
]


@pytest.mark.parametrize(("table", "svd", "peripheral"), COMPARED)
def test_vendor_agrees(table: dict[str, Any], svd: dict[str, Any], peripheral: str) -> None:
    chip = vendor_chip(svd["file"])
    found = list(differences(block_of(table), chip.block(peripheral), svd.get("offset", 0), svd.get("names", {})))
    accepted = {key for each in svd.get("accepted", ()) for key in each["differences"]}
    assert [str(each) for each in found if each.key not in accepted] == []
    assert accepted == {each.key for each in found}, "what is accepted is there no more"


@cache
def vendor_chip(file: str) -> Chip:
    return Chip(load(svd_file(file, print)), file)


VENDORS = Block(
    "Gpio",
    (
        Register("MODER", 0, fields=(Field("MODE", 0, 2, count=16, stride=2),)),
        Register("ODR", 4, Access.RO, width=16, fields=(Field("A", 0), Field("B", 1, access=Access.W1C))),
    ),
)


def test_what_agrees() -> None:
    assert list(differences(VENDORS, VENDORS, 0, {})) == []


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (Register("X", 0), ["X: missing: the table has 0x0, the vendor None"]),
        (replace(VENDORS.registers[1], offset=8), ["ODR: offset: the table has 0x8, the vendor 0x4"]),
        (
            replace(VENDORS.registers[1], width=32, access=Access.RW),
            [
                "ODR: width: the table has 32, the vendor 16",
                "ODR: access: the table has read-write, the vendor read-only",
                "ODR.A: access: the table has read-write, the vendor read-only",
            ],
        ),
        (
            replace(VENDORS.registers[1], fields=(Field("C", 0), Field("B", 1))),
            [
                "ODR.C: missing: the table has (0, 1), the vendor None",
                "ODR.B: access: the table has read-only, the vendor write-1-to-clear",
            ],
        ),
        (
            Register("MODER", 0, fields=(Field("MODE", 0, 2, count=2, stride=4),)),
            ["MODER.MODE1: bits: the table has (4, 2), the vendor (2, 2)"],
        ),
    ],
)
def test_what_differs(register: Register, expected: list[str]) -> None:
    assert [str(each) for each in differences(Block("Gpio", (register,)), VENDORS, 0, {})] == expected


def test_other_names_and_another_offset() -> None:
    ours = Block("Port", (Register("OUT", 0, Access.RO, width=16, fields=(Field("FIRST", 0),)),))
    assert list(differences(ours, VENDORS, 4, {"OUT": "ODR", "OUT.FIRST": "ODR.A"})) == []
