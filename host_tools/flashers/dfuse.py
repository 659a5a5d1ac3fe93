"""DfuSe files, version 1.1a, which dfu-util writes to STM32 chips.

Source: ST UM0391, "DfuSe file format specification", revision 1, section 2; the suffix and its CRC: "USB Device
Firmware Upgrade Specification", revision 1.1, appendix B.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_PREFIX = struct.Struct("<5sBIB")  # signature, version, bytes without the suffix, targets
_TARGET = struct.Struct("<6sBI255sII")  # signature, alternate setting, named, name, bytes of the elements, elements
_ELEMENT = struct.Struct("<II")  # address, bytes
_SUFFIX = struct.Struct("<HHHH3sBI")  # device, product, vendor, DFU version, signature, bytes of the suffix, CRC
_VERSION = 1
_DFUSE = 0x011A
_ANY_DEVICE = 0xFFFF
_UNKNOWN = "no DfuSe file"


@dataclass(frozen=True)
class DfuFile:
    """One target: `elements` are (address, bytes) for the alternate setting of the device vendor:product."""

    vendor: int
    product: int
    alternate: int
    elements: tuple[tuple[int, bytes], ...]


def write(file: DfuFile, name: str) -> bytes:
    """The file's bytes. name: of the target, ASCII, for people. ValueError when it is too long."""
    label = name.encode("ascii")
    if len(label) >= 255:  # noqa: PLR2004 - the field's size, with a 0 at its end
        raise ValueError("a target's name has 254 characters at most")
    elements = b"".join(_ELEMENT.pack(address, len(data)) + data for address, data in file.elements)
    target = _TARGET.pack(b"Target", file.alternate, 1, label, len(elements), len(file.elements)) + elements
    body = _PREFIX.pack(b"DfuSe", _VERSION, _PREFIX.size + len(target), 1) + target
    body += _SUFFIX.pack(_ANY_DEVICE, file.product, file.vendor, _DFUSE, b"UFD", _SUFFIX.size, 0)[:-4]
    return body + crc(body).to_bytes(4, "little")


def read(data: bytes) -> DfuFile:
    """What a file holds; every length, signature and the CRC are checked. ValueError names what is wrong."""
    _, product, vendor, version, signature, size, checksum = _unpack(_SUFFIX, data, len(data) - _SUFFIX.size)
    if signature != b"UFD" or size != _SUFFIX.size or version != _DFUSE:
        raise ValueError(f"{_UNKNOWN}: its suffix is another")
    if crc(data[:-4]) != checksum:
        raise ValueError("its CRC is wrong: it is damaged")
    signature, version, length, targets = _unpack(_PREFIX, data, 0)
    if signature != b"DfuSe" or version != _VERSION or length != len(data) - _SUFFIX.size:
        raise ValueError(f"{_UNKNOWN}: its prefix is another")
    if targets != 1:
        raise ValueError(f"it has {targets} targets, and a board's flash is one")
    signature, alternate, _, _, size, count = _unpack(_TARGET, data, _PREFIX.size)
    start = _PREFIX.size + _TARGET.size
    if signature != b"Target" or start + size != length:
        raise ValueError(f"{_UNKNOWN}: its target is not whole")
    return DfuFile(vendor, product, alternate, _elements(data[start:length], count))


def crc(data: bytes) -> int:
    """The CRC of the suffix: that of zlib, without its last inversion."""
    return zlib.crc32(data) ^ 0xFFFFFFFF


def _elements(data: bytes, count: int) -> tuple[tuple[int, bytes], ...]:
    found = []
    at = 0
    for _ in range(count):
        address, size = _unpack(_ELEMENT, data, at)
        at += _ELEMENT.size
        if at + size > len(data):
            raise ValueError(f"its element at {address:#010x} is cut off")
        found.append((address, data[at : at + size]))
        at += size
    if at != len(data):
        raise ValueError("its target is longer than its elements")
    return tuple(found)


def _unpack(form: struct.Struct, data: bytes, at: int) -> Sequence:  # type: ignore[type-arg]
    if at < 0 or at + form.size > len(data):
        raise ValueError(f"{_UNKNOWN}: it is too short")
    return form.unpack_from(data, at)
