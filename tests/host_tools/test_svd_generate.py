"""corten svd generate: a description of our own with one of each thing, and what its modules say."""

import json
import os
import sys
from pathlib import Path

import pytest

from host_tools import mpy_cross, paths
from host_tools.process import run
from host_tools.registers.model import Access, Cluster, Instance, Register
from host_tools.registers.source import Library
from host_tools.svd import generate
from host_tools.svd.parser import load
from host_tools.svd.read import Chip
from tests.host_tools.commands import Corten

SMALL = Path(__file__).parent / "svd" / "small.svd"
PATCH = SMALL.with_suffix(".yaml")


@pytest.fixture
def chip() -> Chip:
    return Chip(load(SMALL), SMALL.name)


def register(chip: Chip, path: str) -> Register:
    peripheral, name = path.split(".")
    found = chip.block(peripheral).find(name)
    assert isinstance(found, Register)
    return found


def test_peripherals_with_what_they_derive_from(chip: Chip) -> None:
    assert {name: (each.base, each.parent) for name, each in chip.peripherals.items()} == {
        "GPIOA": (0x4002_0000, None),
        "GPIOB": (0x4002_0400, "GPIOA"),
        "DMA1": (0x4002_6000, None),
        "MIX": (0x5000_0000, None),
        "MORE": (0x5000_1000, None),
        "TIM1": (0x4000_0000, None),
        "TIM2": (0x4000_1000, "TIM1"),
    }


def test_registers_are_sorted_and_those_of_the_parent_are_kept(chip: Chip) -> None:
    mix, more = chip.block("MIX"), chip.block("MORE")
    assert [item.offset for item in mix.items] == sorted(item.offset for item in mix.items)
    assert more.items[:-1] == mix.items
    assert more.items[-1] == Register("EXTRA", 0x100)


def test_access_of_fields(chip: Chip) -> None:
    status = register(chip, "MIX.STATUS")
    assert status.reading_acts
    assert [(each.name, status.access_of(each)) for each in status.fields] == [
        ("mask_", Access.RW),
        ("DONE", Access.W1C),
        ("LATE", Access.W0C),
        ("BUSY", Access.RO),
        ("_2nd", Access.WO),
    ]


def test_reset_value_counts_where_the_mask_says(chip: Chip) -> None:
    assert register(chip, "GPIOA.MODER").reset == 0x3F


def test_registers_at_one_offset_are_kept(chip: Chip) -> None:
    data = [item for item in chip.block("MIX").registers if item.offset == 4]
    assert [(each.name, each.width) for each in data] == [("DATA8", 8), ("DATA32", 32)]


def test_64_bits_are_split(chip: Chip) -> None:
    low, high = register(chip, "MIX.COUNT_LO"), register(chip, "MIX.COUNT_HI")
    assert (low.offset, low.reset, high.offset, high.reset) == (8, 2, 12, 1)
    assert [(each.name, each.bit, each.width) for each in low.fields] == [("LOW", 0, 8), ("BOTH_LO", 28, 4)]
    assert [(each.name, each.bit, each.width) for each in high.fields] == [("BOTH_HI", 0, 4), ("TOP", 28, 4)]


def test_arrays_and_clusters(chip: Chip) -> None:
    buffer = register(chip, "MIX.BUF")
    assert (buffer.count, buffer.stride) == (4, 4)
    assert [register(chip, f"MIX.REG{letter}").offset for letter in "AB"] == [0x20, 0x24]
    channels = chip.block("MIX").find("CH")
    assert isinstance(channels, Cluster)
    assert (channels.offset, channels.count, channels.stride) == (0x40, 2, 0x20)
    sub = channels.block.find("SUB")
    assert isinstance(sub, Cluster)
    deep = sub.block.registers[0]
    assert (deep.name, deep.offset, deep.fields) == ("DEEP", 4, register(chip, "GPIOA.MODER").fields)


def test_folding(chip: Chip) -> None:
    gpio = generate.folded(chip, "GPIOA")
    moder, bsrr = gpio.find("MODER"), gpio.find("BSRR")
    assert isinstance(moder, Register)
    assert isinstance(bsrr, Register)
    (mode,) = moder.fields
    assert (mode.name, mode.count, mode.stride, mode.first) == ("MODE", 2, 2, 0)
    assert mode.values
    assert mode.values.members == (("input", 0), ("alt", 1))
    assert mode.text.endswith("Values that differ between the elements are left out: 2.")
    assert [(each.name, each.bit, each.count) for each in bsrr.fields] == [("BS", 0, 3), ("BR", 16, 3)]
    (channels,) = generate.folded(chip, "DMA1").items
    assert isinstance(channels, Cluster)
    assert (channels.name, channels.offset, channels.count, channels.stride) == ("CH", 8, 3, 20)
    assert [(each.name, each.offset) for each in channels.block.registers] == [("CCR", 0), ("CNDTR", 4)]
    assert "CCR1" in channels.text


@pytest.mark.parametrize(
    ("peripheral", "forced", "atomic"),
    [
        ("GPIOA", None, "BIT_BAND"),
        ("MIX", None, None),  # outside of the bit-band region
        ("DMA1", None, None),  # its size is not known
        ("GPIOA", "", None),
        ("MIX", "ALIASES", "ALIASES"),
    ],
)
def test_atomic(chip: Chip, peripheral: str, forced: str | None, atomic: str | None) -> None:
    assert generate.folded(chip, peripheral, forced).atomic == atomic


def test_set_reset(chip: Chip) -> None:
    assert generate.folded(chip, "GPIOA").set_reset == (("ODR", "BSRR"),)


@pytest.fixture
def package(chip: Chip, tmp_path: Path) -> Path:
    folder = tmp_path / "small_chip"
    generate.write(generate.modules(chip), folder)
    return folder


def test_text_says_what_the_model_says(chip: Chip, package: Path) -> None:
    library = Library(package.parent)
    for name, peripheral in chip.peripherals.items():
        module = library(f"{package.name}.{name.lower()}")
        assert module
        block = generate.folded(chip, peripheral.parent or name)
        assert module.instances[name] == Instance(name, block, peripheral.base)


def test_modules_are_formatted_and_compile_for_the_chip(package: Path) -> None:
    run([sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--check", package], what="format")
    compiler = mpy_cross.find("1.25.0", print)
    for path in package.glob("*.py"):
        run([compiler, "-o", os.devnull, path], what="compile")


USE = """
from small_chip import gpiob, mix
assert gpiob.GPIOB.BSRR.address == 0x4002_0418
assert gpiob.GPIOB.BSRR.encode(BS2=1, BR0=1) == 1 << 2 | 1 << 16
assert mix.MIX.CH[1].SUB.DEEP.address == 0x5000_006C
"""


def test_modules_work_with_the_register_layer(package: Path) -> None:
    host = Path(__file__).parent.parent / "firmware"
    folders = [str(folder) for folder in (package.parent, paths.firmware_dir(), host, host / "stubs")]
    run([sys.executable, "-c", USE], what="use the modules", env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)})


def test_one_peripheral_brings_the_one_that_it_derives_from(chip: Chip) -> None:
    assert set(generate.modules(chip, ["gpiob"])) == {"__init__.py", "gpioa.py", "gpiob.py"}


def test_command(corten: Corten) -> None:
    ended = corten("svd", "generate", SMALL, "-o", "registers", "--patch", PATCH, "--json")
    assert ended.status == 0, ended.err
    assert json.loads(ended.out)["device"] == "STM32F4SMALL"
    text = (corten.folder / "registers" / "gpioa.py").read_text(encoding="utf-8")
    assert "reset=0x15" in text
    assert "DE=Field(0, 2, " in text
    assert "DATA8" not in (corten.folder / "registers" / "mix.py").read_text(encoding="utf-8")
    assert str(SMALL.parent) not in text


def test_a_file_of_the_users_is_not_overwritten(corten: Corten) -> None:
    mine = corten.write("registers/mix.py", "MINE = 1\n")
    ended = corten("svd", "generate", SMALL, "-o", "registers")
    assert (ended.status, [path.name for path in mine.parent.iterdir()]) == (2, ["mix.py"])
    assert ended.error == (
        "corten: registers/mix.py was not written by `corten svd generate`\n"
        "  fix: name another folder with -o, or give --force"
    )
    assert corten("svd", "generate", SMALL, "-o", "registers", "--force").status == 0
    assert corten("svd", "generate", SMALL, "-o", "registers").status == 0


@pytest.mark.parametrize("place", ["DMA1.CCR2", "dma1.ch[1].ccr", "DMA1.CH[1].CCR.EN"])
def test_show_knows_the_vendors_names_and_ours(corten: Corten, place: str) -> None:
    ended = corten("svd", "show", SMALL, place, "--json")
    shown = json.loads(ended.out)
    assert (shown["address"], shown["access"]) == ("0x4002601c", "read-write")
    assert shown["fields"][0]["name"] == "EN"


def test_show_lists_peripherals_and_registers(corten: Corten) -> None:
    assert "GPIOB" in corten("svd", "show", SMALL).out
    assert "BSRR" in corten("svd", "show", SMALL, "GPIOB").out
    assert "MODE1" in corten("svd", "show", SMALL, "GPIOB.MODER").out


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("GPIOD", "corten: STM32F4SMALL has no peripheral GPIOD; did you mean GPIOB or GPIOA?"),
        ("GPIOA.MODRE", "corten: GPIOA has no register MODRE; did you mean MODER"),
        ("GPIOA.MODER.MODE7", "corten: GPIOA.MODER has no field MODE7; did you mean MODE1 or MODE0?"),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(corten: Corten, place: str, message: str) -> None:
    ended = corten("svd", "show", SMALL, place)
    assert ended.status == 2
    assert ended.error.startswith(message)
