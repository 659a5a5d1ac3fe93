"""The host reads register tables from their source; here the chip's own code says what they are."""

import pytest

from host_tools.errors import UsageError
from host_tools.registers.model import placed
from host_tools.registers.source import read_module

NAMES = "ALIASES, BIT_BAND, RO, WO, RW, W1C, W1S, W1T, W0C, W0S, READ_ACTS, Array, Block, Cluster, Field, Reg"
INNER = "class Inner(Block):\n    SIZE = 0x20\n    X = Reg(0)\n    Y = Reg(4, width=8)\n"


def source(definition):
    return f"from corten.register import {NAMES}\n{INNER}class Gpio(Block):\n    SIZE = 0x100\n    R = {definition}\n"


GOOD = [
    "Reg(0)",
    "Reg(0xFC, RO)",
    "Reg(0xFF, W1C | READ_ACTS, 8, 0xFF)",
    "Reg(2, width=16, A=Field(0, 16))",
    "Reg(4, W0S, A=Field(0), B=Field(1, 2, RO), C=Field(3, access=W1T | READ_ACTS))",
    "Reg(8, A=Field(0, 2, count=16))",
    "Reg(8, A=Field(1, 2, count=4, stride=8, first=3), B=Field(3, 6))",
    "Reg(8, width=8, A=Field(0, count=8))",
    "Array(Reg(0), 64, 4)",
    "Array(Reg(1, width=8), count=3, stride=5)",
    "Array(Cluster(Inner, 0x10), 4, 0x20)",
    "Cluster(Inner, 0xE0)",
]

WRONG = [
    "Reg(0, width=24)",
    "Reg(2)",
    "Reg(-4)",
    "Reg(0x100)",
    "Reg(0, width=8, reset=0x100)",
    "Reg(0, reset=-1)",
    "Reg(0, 'rw')",
    "Reg(0, READ_ACTS)",
    "Reg(0, A=Field(31, 2))",
    "Reg(0, width=8, A=Field(8))",
    "Reg(0, A=Field(0, 2, count=17))",
    "Reg(0, A=Field(-1))",
    "Reg(0, A=Field(0, 0))",
    "Reg(0, A=Field(0, 2, count=2, stride=1))",
    "Reg(0, A=Field(0, count=0))",
    "Reg(0, A=Field(0, first=32))",
    "Reg(0, A=Field(0, access='w1c'))",
    "Reg(0, A=Field(0, access=READ_ACTS))",
    "Reg(0, A=Field(0, 4), B=Field(3))",
    "Reg(0, A=Field(0, 2, count=4), B=Field(5))",
    "Array(Reg(0), 0, 4)",
    "Array(Reg(0), 2, 2)",
    "Array(Reg(0), 65, 4)",
]


def live(register, path):
    """The live register of a path such as R[2].X."""
    for step in path.replace("[", ".[").split("."):
        register = register[int(step[1:-1])] if step[0] == "[" else getattr(register, step)
    return register


@pytest.mark.parametrize("definition", GOOD)
def test_both_find_the_same_registers(definition):
    module = read_module(source(definition), "gpio.py")
    names = {}
    exec(source(definition), names)
    block = names["Gpio"](0x4000_0000)
    for each in placed(module.blocks["Gpio"], 0x4000_0000):
        found = live(block, each.path)
        assert (found.address, found.width) == (each.address, each.register.width)
        for field in (element for every in each.register.fields for element in every.elements()):
            bits = getattr(found, field.name)
            assert (bits.bit, bits.width, bits.mask) == (field.bit, field.width, field.mask)
        if each.register.writable:
            assert found.encode() == each.register.encode({})


@pytest.mark.parametrize("definition", WRONG)
def test_both_refuse_the_same_definitions(definition):
    with pytest.raises(UsageError):
        read_module(source(definition), "gpio.py")
    with pytest.raises(ValueError, match=r"\w"):
        exec(f"{source(definition)}Gpio(0x4000_0000).R", {})
