"""Data to a program on the board, in blocks with checksums: the host's side of firmware/deploy/receiver.py."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from host_tools.errors import TargetError
from host_tools.raw_repl import Console

PAYLOAD = 124
AHEAD = 2
"""Blocks under way. With their checksums 256 bytes, which is what MicroPython's raw paste mode asks of a console's buffer."""
ACCEPTED = b"\x06"
ANSWER_TIMEOUT_S = 20.0
"""For a block: a chunk may have to be written to flash first, and a file system may have to tidy up."""
CHUNK = 16384
"""Bytes before compression. The board needs memory for a compressed chunk and for the window."""
WINDOW = 13
"""Bits of the window that inflating needs."""


@dataclass(frozen=True)
class Chunks:
    """Data in compressed pieces; `window` is 0 where they are not compressed."""

    parts: tuple[bytes, ...]
    window: int

    @property
    def size(self) -> int:
        """Bytes to move."""
        return sum(map(len, self.parts))


def chunks(data: bytes, deflate: bool) -> Chunks:
    """Cuts data up and compresses it, for a board that can inflate."""
    pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    if not deflate:
        return Chunks(tuple(pieces), 0)
    return Chunks(tuple(map(_deflated, pieces)), WINDOW)


def send(console: Console, parts: Sequence[bytes], moved: Callable[[int], None]) -> None:
    """Sends chunks to the program that waits for them; `moved` is told how many bytes were accepted.

    TargetError when the program ends or is silent; what it printed is left to be read.
    """
    for part in parts:
        waiting = []
        for block in _blocks(part):
            if len(waiting) == AHEAD:
                _await(console)
                moved(waiting.pop(0))
            console.write(block)
            waiting.append(len(block))
        for size in waiting:
            _await(console)
            moved(size)


def _deflated(piece: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -WINDOW, 9)
    return packer.compress(piece) + packer.flush()


def _blocks(part: bytes) -> Iterator[bytes]:
    for at in range(0, len(part), PAYLOAD):
        data = part[at : at + PAYLOAD]
        yield data + zlib.crc32(data).to_bytes(4, "little")


def _await(console: Console) -> None:
    data = console.take(ANSWER_TIMEOUT_S)
    if not data:
        raise TargetError(f"the board does not answer a block of data for {ANSWER_TIMEOUT_S:g} s")
    console.give_back(data[1:] if data.startswith(ACCEPTED) else data)
    if not data.startswith(ACCEPTED):
        raise RefusedError("the board refuses a block of data")


class RefusedError(TargetError):
    """The program on the board ended; its traceback follows on the console."""
