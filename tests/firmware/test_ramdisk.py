"""The RAM disk keeps what is written, at the offsets of both block protocols, and nothing beyond its end."""

import pytest
import uctypes

from corten.drivers.ramdisk import RamDisk

BLOCK = 64
COUNT = 4


@pytest.fixture
def memory():
    return bytearray(b"\xee" * BLOCK * COUNT)


@pytest.fixture
def disk(memory):
    return RamDisk(uctypes.addressof(memory), len(memory), BLOCK)


def test_making_it_keeps_the_content(disk, memory):
    assert memory == b"\xee" * BLOCK * COUNT


def test_whole_blocks(disk, memory):
    disk.writeblocks(1, b"\x01" * BLOCK)
    disk.writeblocks(2, b"\x02" * 2 * BLOCK)
    buffer = bytearray(3 * BLOCK)
    disk.readblocks(1, buffer)
    assert buffer == b"\x01" * BLOCK + b"\x02" * 2 * BLOCK
    assert memory[:BLOCK] == b"\xee" * BLOCK


def test_parts_of_blocks(disk, memory):
    disk.writeblocks(3, b"abc", 5)
    assert memory[3 * BLOCK + 5 : 3 * BLOCK + 8] == b"abc"
    buffer = bytearray(2)
    disk.readblocks(3, buffer, 6)
    assert buffer == b"bc"


def test_ioctl(disk):
    assert disk.ioctl(4, 0) == COUNT
    assert disk.ioctl(5, 0) == BLOCK
    assert disk.ioctl(6, COUNT - 1) == 0
    assert disk.ioctl(3, 0) == 0


@pytest.mark.parametrize(
    "action",
    [
        lambda disk: disk.readblocks(COUNT, bytearray(1)),
        lambda disk: disk.readblocks(-1, bytearray(1)),
        lambda disk: disk.readblocks(0, bytearray(1), -1),
        lambda disk: disk.writeblocks(COUNT - 1, bytes(2 * BLOCK)),
        lambda disk: disk.writeblocks(COUNT - 1, bytes(2), BLOCK - 1),
        lambda disk: disk.ioctl(6, COUNT),
    ],
)
def test_outside(disk, memory, action):
    with pytest.raises(OSError, match="22"):
        action(disk)
    assert memory == b"\xee" * BLOCK * COUNT


@pytest.mark.parametrize(("size", "block"), [(0, 64), (100, 64), (64, 0), (32, 64)])
def test_no_whole_blocks(size, block):
    with pytest.raises(ValueError, match=str(block)):
        RamDisk(0x2000_0000, size, block)
