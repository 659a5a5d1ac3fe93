"""Data to a program on the board, in blocks with checksums: the host's side of firmware/deploy/receiver.py."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from host_tools.link import Link

PAYLOAD = 124
AHEAD = 2
"""Blocks under way: with their checksums 256 bytes, which MicroPython's raw paste mode asks of a console's buffer."""
READY = b"\x06"
SIZES = ((163_840, 32_768, 15), (65_536, 16_384, 13), (0, 4096, 11))
"""For boards with so many bytes of free memory: bytes of a chunk before compression, and the bits of the window.

The board needs memory for a compressed chunk twice and for the window: at most 96, 40 and 10 KiB.
"""


@dataclass(frozen=True)
class Chunks:
    """Data in compressed pieces; `window` is 0 where they are not compressed."""

    parts: tuple[bytes, ...]
    window: int

    @property
    def size(self) -> int:
        """Bytes to move."""
        return sum(map(len, self.parts))


def chunks(data: bytes, deflate: bool, free: int) -> Chunks:
    """Cuts data up and compresses it where the board inflates; `free`: bytes of memory that it has."""
    _, size, window = next(each for each in SIZES if free >= each[0])
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    if not deflate:
        return Chunks(tuple(pieces), 0)
    return Chunks(tuple(deflated(piece, window) for piece in pieces), window)


class Sender:
    """Sends chunks as the program on the board asks for them; to be called with all that the board prints."""

    def __init__(self, link: Link, data: Chunks, moved: Callable[[int, int], None]) -> None:
        """`moved` is told how many bytes of how many were sent."""
        self._link = link
        self._bursts = (burst for part in data.parts for burst in _bursts(part))
        self._size = data.size
        self._sent = 0
        self._moved = moved

    def __call__(self, printed: bytes) -> None:
        """Sends what is asked for in `printed`."""
        for _ in range(printed.count(READY)):
            blocks = next(self._bursts, ())
            if blocks:
                self._link.write(b"".join(block + zlib.crc32(block).to_bytes(4, "little") for block in blocks))
                self._sent += sum(map(len, blocks))
                self._moved(self._sent, self._size)


def deflated(piece: bytes, window: int) -> bytes:
    """Compressed as well as it goes, without a header, to be inflated with `window` bits."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -window, 9)
    return packer.compress(piece) + packer.flush()


def _bursts(part: bytes) -> Iterator[list[bytes]]:
    """What each READY of a chunk asks for: two blocks, then one at a time, at last none."""
    blocks = [part[at : at + PAYLOAD] for at in range(0, len(part), PAYLOAD)]
    yield blocks[:AHEAD]
    for asked in range(AHEAD, len(blocks) + 1):
        yield blocks[asked : asked + 1]
