"""Vendors' own SVD files: each of these has something that the others do not. `corten bench` does all of them."""

import os
import sys
from pathlib import Path

import pytest

from host_tools import mpy_cross, paths
from host_tools.process import run
from host_tools.registers.model import Block, Cluster, Instance, Register
from host_tools.registers.source import Library
from host_tools.svd import generate
from host_tools.svd.parser import load
from host_tools.svd.read import Chip
from host_tools.svd.vendors import svd_file

FILES = [
    "RP2040.svd",  # one array of what is listed as 30 pins; aliases
    "STM32L4x5.svd",
    "nrf52840.svd",  # clusters, arrays of them
    "nrf54lm20a.svd",  # an array of 32,768 registers, and blocks that derive from one another
    "LPC176x5x_v0.2.svd",
    "MKL25Z4.svd",  # dimIndex in the middle of names
    "max32620.svd",  # values that derive from those of another peripheral
    "Musca_S1.svd",  # a field of no bits
    "max32665.svd",  # an address that is none
]

IMPORT_ALL = """
import importlib, pathlib, sys
for path in pathlib.Path(sys.argv[1]).glob("[!_]*.py"):
    importlib.import_module(f"chip.{path.stem}")
"""


def chip(name: str) -> Chip:
    return Chip(load(svd_file(name, print)), name)


@pytest.mark.parametrize("name", FILES)
def test_file(tmp_path: Path, name: str) -> None:
    described = chip(name)
    folder = tmp_path / "chip"
    made = generate.modules(described)
    generate.write(made, folder)
    run([sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--check", folder], what="format")
    host = Path(__file__).parent.parent / "firmware"
    folders = [str(each) for each in (tmp_path, paths.firmware_dir(), host, host / "stubs")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    run([sys.executable, "-c", IMPORT_ALL, folder], what="import the modules", env=environment)
    largest = max(made, key=lambda file: len(made[file]))
    run([mpy_cross.find("1.25.0", print), "-o", os.devnull, folder / largest], what=f"compile {largest}")
    library = Library(tmp_path)
    for each in list(described.peripherals.values())[:20]:
        module = library(f"chip.{generate.stems(described)[each.name]}")
        assert module
        block = generate.folded(described, each.parent or each.name)
        assert module.instances[each.name] == Instance(each.name, block, each.base)


def folded(name: str, peripheral: str) -> Block:
    return generate.folded(chip(name), peripheral)


def test_pins_of_an_rp2040_are_one_array() -> None:
    block = folded("RP2040.svd", "IO_BANK0")
    assert block.atomic == "ALIASES"
    pins = block.find("GPIO")
    assert isinstance(pins, Cluster)
    assert (pins.count, pins.stride) == (30, 8)
    assert [each.name for each in pins.block.registers] == ["STATUS", "CTRL"]
    function = pins.block.registers[1].find("FUNCSEL")
    assert function
    assert function.values
    assert dict(function.values.members)["sio"] == 5
    assert "left out: 0, 1, 2, 3, 4, 6, 7, 8, 9" in function.text


@pytest.mark.parametrize(
    ("name", "peripheral", "atomic"),
    [
        ("RP2040.svd", "SIO", None),
        ("RP2040.svd", "DMA", "ALIASES"),
        ("RP2040.svd", "USB_DPRAM", None),
        ("STM32L4x5.svd", "USART1", "BIT_BAND"),
        ("STM32L4x5.svd", "GPIOA", None),
        ("nrf52840.svd", "UART0", None),
    ],
)
def test_atomic_forms(name: str, peripheral: str, atomic: str | None) -> None:
    assert folded(name, peripheral).atomic == atomic


def test_channels_of_an_stm32_are_one_array() -> None:
    channels = folded("STM32L4x5.svd", "DMA1").find("CH")
    assert isinstance(channels, Cluster)
    assert (channels.offset, channels.count, channels.stride) == (8, 7, 20)
    assert [each.name for each in channels.block.registers] == ["CCR", "CNDTR", "CPAR", "CMAR"]


def test_port_of_an_stm32() -> None:
    port = folded("STM32L4x5.svd", "GPIOA")
    assert port.set_reset == (("ODR", "BSRR"),)
    modes = port.find("MODER")
    assert isinstance(modes, Register)
    assert [(each.name, each.count, each.width) for each in modes.fields] == [("MODER", 16, 2)]


@pytest.mark.parametrize(
    ("name", "peripheral", "pair"),
    [
        ("RP2040.svd", "SIO", ("GPIO_OUT", ("GPIO_OUT_SET", "GPIO_OUT_CLR", "GPIO_OUT_XOR"))),
        ("nrf51.svd", "GPIO", ("OUT", ("OUTSET", "OUTCLR", None))),
    ],
)
def test_registers_that_set_and_clear(name: str, peripheral: str, pair: tuple[str, tuple[str, ...]]) -> None:
    made = folded(name, peripheral)
    assert pair in made.set_clear
    text = generate.modules(chip(name), [peripheral])
    assert any(f'"{pair[0]}": ("{pair[1][0]}", "{pair[1][1]}", ' in each for each in text.values())


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("Musca_S1.svd", "SCC.DBG_CTRL.TODBGENSEL is left out: it is 0 bits wide"),
        ("max32665.svd", "ICC1 is left out: 0x4002ac000 is no address of 32 bits"),
    ],
)
def test_a_files_own_mistake_is_named(name: str, warning: str) -> None:
    described = chip(name)
    generate.modules(described)
    assert [each for each in described.warnings if warning in each]
