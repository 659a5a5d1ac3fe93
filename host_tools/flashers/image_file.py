"""A file with an image for a board's flash, in any of the formats that vendors give: .uf2, .bin, .hex, .elf, .dfu."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from host_tools import elf, uf2
from host_tools.errors import CortenError, UsageError
from host_tools.flashers import dfuse, intel_hex

ERASED = 0xFF


@dataclass(frozen=True)
class ImageFile:
    """What a file puts where: `chunks` are (address, bytes), in order, apart from each other.

    family: of a UF2 file; usb: (vendor, product) of a DFU file; None where the file names none.
    """

    path: Path
    format: str
    chunks: tuple[tuple[int, bytes], ...]
    family: int | None = None
    usb: tuple[int, int] | None = None

    @property
    def start(self) -> int:
        """The first address that is written."""
        return self.chunks[0][0]

    @property
    def end(self) -> int:
        """The first address behind what is written."""
        return self.chunks[-1][0] + len(self.chunks[-1][1])

    @property
    def size(self) -> int:
        """The bytes that are written."""
        return sum(len(data) for _, data in self.chunks)

    def flat(self) -> bytes:
        """All from `start` to `end`, with what is between the chunks as erased flash reads."""
        content = bytearray([ERASED]) * (self.end - self.start)
        for address, data in self.chunks:
            content[address - self.start : address - self.start + len(data)] = data
        return bytes(content)

    def at(self, address: int, size: int) -> bytes | None:
        """`size` bytes from an address, None where the file does not write all of them."""
        for start, data in self.chunks:
            if start <= address and address + size <= start + len(data):
                return data[address - start : address - start + size]
        return None


def read(path: Path, base: int) -> ImageFile:
    """Reads a file by its name's ending. base: where the bytes of a .bin belong. UsageError for what cannot be read."""
    suffix = path.suffix.lower().removeprefix(".")
    reader = _READERS.get(suffix)
    if reader is None:
        raise UsageError(f"{path}: no image that is known here", fix=f"name a file of {', '.join(_READERS)}")
    try:
        found = reader(path, base)
        chunks = _joined(found.chunks)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except CortenError as error:
        raise UsageError(f"{path}: {error.message}", fix=error.fix) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", fix="fetch or build it again") from error
    if not chunks:
        raise UsageError(f"{path}: it writes nothing", fix="fetch or build it again")
    return ImageFile(path, suffix, chunks, found.family, found.usb)


@dataclass(frozen=True)
class _Found:
    chunks: list[tuple[int, bytes]]
    family: int | None = None
    usb: tuple[int, int] | None = None


def _read_bin(path: Path, base: int) -> _Found:
    return _Found([(base, path.read_bytes())])


def _read_uf2(path: Path, base: int) -> _Found:
    image = uf2.read(path.read_bytes())
    return _Found(list(image.blocks), family=image.family)


def _read_hex(path: Path, base: int) -> _Found:
    return _Found(intel_hex.read(path.read_text(encoding="ascii")))


def _read_elf(path: Path, base: int) -> _Found:
    return _Found(elf.loaded(path))


def _read_dfu(path: Path, base: int) -> _Found:
    image = dfuse.read(path.read_bytes())
    return _Found(list(image.elements), usb=(image.vendor, image.product))


_READERS: dict[str, Callable[[Path, int], _Found]] = {
    "uf2": _read_uf2, "bin": _read_bin, "hex": _read_hex, "elf": _read_elf, "dfu": _read_dfu
}  # fmt: skip


def _joined(chunks: list[tuple[int, bytes]]) -> tuple[tuple[int, bytes], ...]:
    """In the order of their addresses, neighbours as one. ValueError for two that overlap."""
    ordered = sorted((address, data) for address, data in chunks if data)
    for (address, data), (following, _) in pairwise(ordered):
        if address + len(data) > following:
            raise ValueError(f"it writes {following:#010x} twice")
    made: list[tuple[int, bytearray]] = []
    for address, data in ordered:
        if made and made[-1][0] + len(made[-1][1]) == address:
            made[-1][1].extend(data)
        else:
            made.append((address, bytearray(data)))
    return tuple((address, bytes(data)) for address, data in made)
