"""Registers against a bus that remembers every access, with a device on it whose flags clear when 1 is written."""

import random

import pytest
from models import Bus

from corten.register import RO, RW, W0C, W1C, WO, AccessError, Block, Field, Reg

BASE = 0x5000_0000


class Device(Block):
    CTRL = Reg(0x0, RW, reset=0x100, EN=Field(0), MODE=Field(4, 3), TOP=Field(31))
    FLAGS = Reg(0x4, DONE=Field(0, access=W1C), FAILED=Field(1, access=W1C), ON=Field(8), BUSY=Field(9, access=RO))
    ZERO_CLEARS = Reg(0x8, A=Field(0, access=W0C), B=Field(1, access=W0C))
    COMMAND = Reg(0xC, WO, GO=Field(0))
    CLEAR = Reg(0x10, W1C, width=16, A=Field(0), B=Field(3))


class Flags(Bus):
    """FLAGS clears where 1 is written, ZERO_CLEARS where 0 is; other bits of FLAGS store."""

    def on_write(self, offset, value):
        if offset == 0x4:
            held = self.word(4)
            return (held & 0b11 & ~value) | (held & 0x200) | (value & ~0x203)
        if offset == 0x8:
            return self.word(8) & value
        return value


@pytest.fixture
def bus():
    return Flags(BASE, 0x14)


@pytest.fixture
def device(bus):
    return Device(BASE, bus)


def test_making_a_block_accesses_nothing(device, bus):
    assert bus.log == []


def test_values_are_unsigned(device, bus):
    bus.memory[0:4] = b"\xff\xff\xff\xff"
    assert device.CTRL.read() == 0xFFFF_FFFF
    assert device.CTRL.TOP.get() == 1


def test_write_starts_from_the_reset_value(device, bus):
    device.CTRL.write(EN=1, MODE=5)
    assert bus.log == [("write", 32, BASE, 0x151)]


def test_modify_touches_the_named_bits_only(device, bus):
    for _ in range(200):
        held, mode, top = random.getrandbits(32), random.getrandbits(3), random.getrandbits(1)
        bus.memory[0:4] = held.to_bytes(4, "little")
        bus.log.clear()
        device.CTRL.modify(MODE=mode, TOP=top)
        expected = (held & 0x7FFF_FF8F) | mode << 4 | top << 31
        assert bus.log == [("read", 32, BASE, held), ("write", 32, BASE, expected)]


def test_modify_clears_no_flag_by_accident(device, bus):
    bus.memory[4:8] = (0x203).to_bytes(4, "little")
    device.FLAGS.modify(ON=1)
    assert bus.word(4) == 0x303
    device.FLAGS.modify(DONE=1)
    assert bus.word(4) == 0x302
    device.FLAGS.write(FAILED=1, ON=1)
    assert bus.word(4) == 0x300


def test_flags_cleared_by_zero(device, bus):
    bus.memory[8:12] = (0b11).to_bytes(4, "little")
    device.ZERO_CLEARS.modify(A=0)
    assert bus.word(8) == 0b10
    assert device.ZERO_CLEARS.encode(B=0) == 0b01
    device.ZERO_CLEARS.write(B=0)
    assert bus.word(8) == 0


def test_encode_is_what_write_writes(device, bus):
    for fields in ({}, {"EN": 1}, {"MODE": 7, "TOP": 1}):
        device.CTRL.write(**fields)
        assert bus.word(0) == device.CTRL.encode(**fields)


def test_width_of_the_access(device, bus):
    device.CLEAR.write(B=1)
    assert bus.log == [("write", 16, BASE + 0x10, 0b1000)]


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (AccessError, lambda device: device.COMMAND.read()),
        (AccessError, lambda device: device.COMMAND.GO.get()),
        (AccessError, lambda device: device.COMMAND.modify(GO=1)),
        (AccessError, lambda device: device.FLAGS.write(BUSY=1)),
        (AccessError, lambda device: device.FLAGS.modify(ON=1, BUSY=0)),
        (ValueError, lambda device: device.CTRL.modify(MODE=8)),
        (ValueError, lambda device: device.CTRL.modify(EN=1, MODE=-1)),
        (ValueError, lambda device: device.CTRL.write(1 << 32)),
        (ValueError, lambda device: device.CLEAR.write(1 << 16)),
        (ValueError, lambda device: device.CTRL.write(-1)),
        (AttributeError, lambda device: device.CTRL.modify(ENABLE=1)),
        (AttributeError, lambda device: device.CTRL.ENABLE.get()),
        (TypeError, lambda device: device.CTRL.write(1, EN=1)),
    ],
)
def test_refused_before_any_access(device, bus, error, action):
    with pytest.raises(error):
        action(device)
    assert bus.log == []


def test_fields_can_be_shared_between_registers():
    enable = Field(0)

    class Both(Block):
        READ_ONLY = Reg(0, RO, EN=enable)
        WRITABLE = Reg(4, RW, EN=enable)

    both = Both(BASE)
    assert both.WRITABLE.encode(EN=1) == 1
    with pytest.raises(AccessError):
        both.READ_ONLY.encode(EN=1)
