"""What a linked 32-bit little-endian ELF file puts into memory.

Source: "Tool Interface Standard (TIS) Executable and Linking Format", version 1.2, book I, sections 1 and 2.
"""

import struct
from pathlib import Path

from host_tools.errors import FailedError

_IDENTITY = b"\x7fELF\x01\x01"
_HEADER = struct.Struct("<16s2H5I6H")
_SEGMENT = struct.Struct("<8I")
_LOADED = 1  # PT_LOAD


def loaded(path: Path) -> list[tuple[int, bytes]]:
    """(address, bytes) of each segment that is loaded, at the address where it is stored.

    Raises FailedError for a file of another kind, and for one that is cut off.
    """
    data = path.read_bytes()
    if not data.startswith(_IDENTITY) or len(data) < _HEADER.size:
        raise FailedError(f"{path} is no 32-bit ELF file", fix="build it again")
    header = _HEADER.unpack_from(data)
    start, size, count = header[5], header[9], header[10]
    found = []
    for number in range(count):
        at = start + number * size
        if at + _SEGMENT.size > len(data):
            raise _cut_off(path)
        kind, offset, _, address, length, *_ = _SEGMENT.unpack_from(data, at)
        if offset + length > len(data):
            raise _cut_off(path)
        if kind == _LOADED and length:
            found.append((address, data[offset : offset + length]))
    return found


def _cut_off(path: Path) -> FailedError:
    return FailedError(f"{path} is cut off or damaged", fix="build it again")
