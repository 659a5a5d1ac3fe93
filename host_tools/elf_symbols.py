"""The sections and symbols of a linked 32-bit little-endian ELF file.

Source: "Tool Interface Standard (TIS) Executable and Linking Format", version 1.2, book I, section 1.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from host_tools.errors import FailedError

_IDENTITY = b"\x7fELF\x01\x01"
_HEADER = struct.Struct("<16s2H5I6H")
_SECTION = struct.Struct("<10I")
_SEGMENT = struct.Struct("<8I")
_SYMBOL = struct.Struct("<3I2BH")
_LOADED = 1  # PT_LOAD
_SYMBOLS = 2  # SHT_SYMTAB
_WITHOUT_BYTES = 8  # SHT_NOBITS
_WRITABLE, _ALLOCATED = 1, 2  # SHF_WRITE, SHF_ALLOC
_OBJECT, _FUNCTION = 1, 2  # STT_OBJECT, STT_FUNC


@dataclass(frozen=True)
class Section:
    """A part of the image in memory. `stored`: where its bytes are kept, None where it has none and is only room."""

    name: str
    address: int
    size: int
    stored: int | None
    is_writable: bool
    data: bytes

    def __contains__(self, address: int) -> bool:
        return self.address <= address < self.address + self.size


@dataclass(frozen=True)
class Symbol:
    """A function or an object. `address` of a function without the bit that marks Thumb code."""

    name: str
    address: int
    size: int
    is_function: bool


@dataclass(frozen=True)
class Elf:
    """What an image is made of; in the order of addresses."""

    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]

    def read(self, address: int, size: int) -> bytes:
        """The bytes of the image at an address; KeyError where it has none."""
        for section in self.sections:
            if address in section and section.data:
                start = address - section.address
                return section.data[start : start + size]
        raise KeyError(address)

    def symbol(self, name: str) -> Symbol:
        """The symbol of that name; KeyError without one."""
        for symbol in self.symbols:
            if symbol.name == name:
                return symbol
        raise KeyError(name)


def read_elf(path: Path) -> Elf:
    """Reads an image. FailedError for a file of another kind."""
    data = path.read_bytes()
    if not data.startswith(_IDENTITY) or len(data) < _HEADER.size:
        raise FailedError(f"{path} is no 32-bit ELF file", fix="build it again")
    header = _HEADER.unpack_from(data)
    rows = [_SECTION.unpack_from(data, header[6] + number * header[11]) for number in range(header[12])]
    segments = [_SEGMENT.unpack_from(data, header[5] + number * header[9]) for number in range(header[10])]
    names = rows[header[13]]
    sections = [_section(row, segments, data, names[4]) for row in rows if row[2] & _ALLOCATED and row[5]]
    found = [row for row in rows if row[1] == _SYMBOLS]
    symbols = [symbol for row in found for symbol in _symbols(row, rows[row[6]], data)]
    return Elf(
        tuple(sorted(sections, key=lambda each: each.address)),
        tuple(sorted(symbols, key=lambda each: (each.address, -each.size, each.name))),
    )


def _section(row: tuple[int, ...], segments: list[tuple[int, ...]], data: bytes, names: int) -> Section:
    name, kind, flags, address, offset, size = row[:6]
    if kind == _WITHOUT_BYTES:
        return Section(_text(data, names + name), address, size, None, True, b"")
    stored = address
    for segment_kind, start, virtual, physical, length, *_ in segments:
        if segment_kind == _LOADED and start <= offset < start + length:
            stored = address - virtual + physical
    is_writable = bool(flags & _WRITABLE)
    return Section(_text(data, names + name), address, size, stored, is_writable, data[offset : offset + size])


def _symbols(row: tuple[int, ...], texts: tuple[int, ...], data: bytes) -> list[Symbol]:
    found = []
    for offset in range(row[4], row[4] + row[5], _SYMBOL.size):
        name, value, size, info, _, section = _SYMBOL.unpack_from(data, offset)
        kind = info & 0xF
        if kind in (_OBJECT, _FUNCTION) and section:
            is_function = kind == _FUNCTION
            found.append(Symbol(_text(data, texts[4] + name), value & ~1 if is_function else value, size, is_function))
    return found


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode(errors="replace")
