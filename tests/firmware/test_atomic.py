"""Atomic forms against a bus that remembers every access: each is one write, and nothing else."""

import pytest
from models import Bus

from corten.atomic import atomic
from corten.register import ALIASES, BIT_BAND, RO, W1C, WO, AccessError, Block, Field, Reg

BASE = 0x4000_4000


class Gpio(Block):
    SET_RESET = {"ODR": "BSRR"}  # noqa: RUF012
    IDR = Reg(0x10, RO)
    ODR = Reg(0x14)
    BSRR = Reg(0x18, WO)


class Sio(Block):
    SET_CLEAR = {"OUT": ("OUT_SET", "OUT_CLR", "OUT_XOR"), "OE": ("OUT_SET", "OUT_CLR", None)}  # noqa: RUF012
    OUT = Reg(0x10)
    OUT_SET = Reg(0x14, WO)
    OUT_CLR = Reg(0x18, WO)
    OUT_XOR = Reg(0x1C, WO)
    OE = Reg(0x20)


class Narrow(Block):
    SET_RESET = {"ODR": "BSRR"}  # noqa: RUF012
    ODR = Reg(0x14, width=16)
    BSRR = Reg(0x18, WO)


class Aliased(Block):
    ATOMIC = ALIASES
    CTRL = Reg(0x4)
    INTR = Reg(0x8, W1C)


class Banded(Block):
    ATOMIC = BIT_BAND
    CTRL = Reg(0x4)


@pytest.fixture
def bus():
    return Bus(0x4000_0000, 0x400_0000)


def test_set_and_reset_halves(bus):
    leds = atomic(Gpio(BASE, bus).ODR)
    leds.set(0x8001)
    leds.clear(0x8002)
    assert bus.log == [("write", 32, 0x4000_4018, 0x8001), ("write", 32, 0x4000_4018, 0x8002_0000)]
    with pytest.raises(ValueError, match=r"Gpio\.BSRR sets and clears 16 bits"):
        leds.set(0x1_0000)
    with pytest.raises(AccessError, match="no atomic toggle"):
        leds.toggle(1)


def test_registers_that_set_clear_and_toggle(bus):
    out = atomic(Sio(BASE, bus).OUT)
    out.set(0x8000_0001)
    out.clear(2)
    out.toggle(4)
    assert bus.log == [
        ("write", 32, 0x4000_4014, 0x8000_0001),
        ("write", 32, 0x4000_4018, 2),
        ("write", 32, 0x4000_401C, 4),
    ]
    with pytest.raises(AccessError, match=r"Sio\.OE has no atomic toggle"):
        atomic(Sio(BASE, bus).OE).toggle(1)


def test_store_is_as_wide_as_the_register_that_it_goes_to(bus):
    atomic(Narrow(BASE, bus).ODR).clear(1)
    assert bus.log == [("write", 32, 0x4000_4018, 0x1_0000)]


def test_aliases(bus):
    control = atomic(Aliased(BASE, bus).CTRL)
    control.toggle(0xF000_0000)
    control.set(2)
    control.clear(0xFFFF_FFFF)
    assert bus.log == [
        ("write", 32, 0x4000_5004, 0xF000_0000),
        ("write", 32, 0x4000_6004, 2),
        ("write", 32, 0x4000_7004, 0xFFFF_FFFF),
    ]
    with pytest.raises(ValueError, match="32 bits wide"):
        control.set(1 << 32)


def test_bit_band(bus):
    control = atomic(Banded(BASE, bus).CTRL)
    control.set(1 << 31)
    control.clear(1)
    # DDI 0337H, section 3.7.1: alias + byte offset * 32 + bit * 4
    assert bus.log == [("write", 32, 0x4208_00FC, 1), ("write", 32, 0x4208_0080, 0)]


@pytest.mark.parametrize(
    "register",
    [lambda bus: Gpio(BASE, bus).IDR, lambda bus: Aliased(BASE, bus).INTR, lambda bus: Banded(0x4800_0000, bus).CTRL],
)
def test_refused_where_the_hardware_has_nothing(bus, register):
    with pytest.raises(AccessError, match="no atomic form"):
        atomic(register(bus))


def test_flags_beside_plain_fields(bus):
    class Mixed(Block):
        ATOMIC = BIT_BAND
        SR = Reg(0x0, DONE=Field(0, access=W1C), EN=Field(1))

    with pytest.raises(AccessError, match=r"Mixed\.SR"):
        atomic(Mixed(BASE, bus).SR)
