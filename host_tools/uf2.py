"""UF2, the files that a boot loader takes from its USB volume: blocks of 512 bytes, each with its address in flash.

Source: "USB Flashing Format (UF2)", https://github.com/microsoft/uf2; RP2040 Datasheet, section 2.8.4.2 (what its boot
ROM takes: payloads of 256 bytes at multiples of 256, and a family).
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from host_tools.errors import FailedError, UsageError

BLOCK = 512  # bytes, header and padding included
PAYLOAD = 256  # bytes of a block that `write` makes
MOST_PAYLOAD = 476  # bytes
START = 0x0A324655
SECOND = 0x9E5D5157
END = 0x0AB16F30
NOT_FLASH = 0x0000_0001
IS_FILE = 0x0000_1000
HAS_FAMILY = 0x0000_2000
_HEADER = struct.Struct("<8I")
_LAST = struct.Struct("<I")
_AGAIN = "build it again, or copy it again"


@dataclass(frozen=True)
class Image:
    """What a UF2 file writes: `blocks` are (address, bytes) in the order of their addresses.

    family: the number of the chip that it is for, None where the file names none.
    """

    family: int | None
    blocks: tuple[tuple[int, bytes], ...]

    @property
    def start(self) -> int:
        """The lowest address that is written."""
        return self.blocks[0][0]

    @property
    def end(self) -> int:
        """The first address behind all that is written."""
        return self.blocks[-1][0] + len(self.blocks[-1][1])

    def memory(self, base: int, size: int, empty: int = 0xFF) -> bytes:
        """`size` bytes of flash from `base` as they are once the file is written to flash that was erased to `empty`.

        Raises UsageError where a block lies outside.
        """
        if self.start < base or self.end > base + size:
            raise UsageError(
                f"the UF2 file writes {self.start:#010x} to {self.end:#010x}, the flash is {base:#010x} to "
                f"{base + size:#010x}",
                fix="use an image that was built for this board",
            )
        content = bytearray([empty]) * size
        for address, data in self.blocks:
            content[address - base : address - base + len(data)] = data
        return bytes(content)


def write(chunks: Iterable[tuple[int, bytes]], family: int) -> bytes:
    """The file that writes each chunk, (address, bytes), on a chip of `family`; what a page lacks is 0.

    Raises FailedError for chunks that overlap, and for none.
    """
    pages: dict[int, bytearray] = {}
    ordered = sorted((address, data) for address, data in chunks if data)
    for (address, data), (following, _) in pairwise(ordered):
        if address + len(data) > following:
            raise FailedError(f"two parts of the image lie at {following:#010x}", fix="correct the linker script")
    if not ordered:
        raise FailedError("the image is empty: a UF2 file has at least one block", fix="look at the linker script")
    for address, data in ordered:
        lead = address % PAYLOAD
        for place in range(-lead, len(data), PAYLOAD):
            part = data[max(place, 0) : place + PAYLOAD]
            start = lead if place < 0 else 0
            page = pages.setdefault((address + place) // PAYLOAD, bytearray(PAYLOAD))
            page[start : start + len(part)] = part
    count = len(pages)
    return b"".join(
        _block(number, count, page * PAYLOAD, bytes(pages[page]), family) for number, page in enumerate(sorted(pages))
    )


def read(data: bytes) -> Image:
    """What a file writes; blocks that are not for flash are left out, as the format says.

    Raises UsageError for what is no UF2 file, is not whole, or is for several chips at once.
    """
    if not data or len(data) % BLOCK:
        raise UsageError(f"no UF2 file: {len(data)} bytes are no multiple of {BLOCK}, or none", fix=_AGAIN)
    found: dict[int, tuple[int, bytes]] = {}
    families, counts = set(), set()
    for place in range(0, len(data), BLOCK):
        flags, address, number, count, family, payload = _parse(data[place : place + BLOCK], place)
        if flags & NOT_FLASH:
            continue
        if number in found:
            raise UsageError(f"the UF2 file has block {number} twice", fix=_AGAIN)
        found[number] = (address, payload)
        families.add(family)
        counts.add(count)
    _check_whole(sorted(found), counts, families)
    blocks = tuple(sorted(found.values()))
    for (address, payload), (following, _) in pairwise(blocks):
        if address + len(payload) > following:
            raise UsageError(f"the UF2 file writes {following:#010x} twice", fix=_AGAIN)
    return Image(families.pop(), blocks)


def _block(number: int, count: int, address: int, payload: bytes, family: int) -> bytes:
    header = _HEADER.pack(START, SECOND, HAS_FAMILY, address, len(payload), number, count, family)
    return header + payload.ljust(MOST_PAYLOAD, b"\0") + _LAST.pack(END)


def _parse(block: bytes, place: int) -> tuple[int, int, int, int, int | None, bytes]:
    start, second, flags, address, size, number, count, family = _HEADER.unpack_from(block)
    (end,) = _LAST.unpack_from(block, BLOCK - _LAST.size)
    if (start, second, end) != (START, SECOND, END):
        raise UsageError(f"no UF2 file: byte {place} starts no block of one", fix=_AGAIN)
    if flags & IS_FILE:
        raise UsageError("the UF2 file holds files, not an image of flash", fix="name an image that a board boots")
    if not 0 < size <= MOST_PAYLOAD:
        raise UsageError(f"block {number} of the UF2 file says that it has {size} bytes", fix=_AGAIN)
    if address + size > 1 << 32:
        raise UsageError(f"block {number} of the UF2 file ends behind the last address", fix=_AGAIN)
    payload = block[_HEADER.size : _HEADER.size + size]
    return flags, address, number, count, family if flags & HAS_FAMILY else None, payload


def _check_whole(numbers: list[int], counts: set[int], families: set[int | None]) -> None:
    if not numbers:
        raise UsageError("the UF2 file has no block for flash", fix="name an image that a board boots")
    if len(families) > 1:
        raise UsageError("the UF2 file is for several chips at once", fix="name the file of one board")
    if len(counts) > 1:
        raise UsageError("the blocks of the UF2 file disagree on how many they are", fix=_AGAIN)
    (count,) = counts
    missing = next((number for number in range(count) if number >= len(numbers) or numbers[number] != number), None)
    if missing is not None or len(numbers) != count:
        shown = numbers[-1] if missing is None else missing
        cause = f"has a block {shown} of {count}" if missing is None else f"lacks block {missing} of {count}"
        raise UsageError(f"the UF2 file is not whole: it {cause}", fix=_AGAIN)
