"""Images that pass for a NUCLEO-L476RG's, and what else tests of flashing need."""

from pathlib import Path

from host_tools.boards import Board, load_board
from host_tools.flashers import checks
from host_tools.flashers.base import Job
from host_tools.flashers.image_file import ImageFile, read

BOARD = "nucleo_l476rg"
BASE = 0x0800_0000
STACK = 0x2000_4000
SIZE = 5000


def board() -> Board:
    return load_board(BOARD)


def image_bytes(stack: int = STACK, reset: int = BASE + 0x101, size: int = SIZE, build: str = "") -> bytes:
    """Firmware by its looks: a vector table, the name of its build, and bytes that differ."""
    head = stack.to_bytes(4, "little") + reset.to_bytes(4, "little") + build.encode()
    return head + bytes(number * 7 & 0xFF for number in range(size - len(head)))


def image(folder: Path, data: bytes | None = None, name: str = "app.bin") -> ImageFile:
    path = folder / name
    path.write_bytes(image_bytes() if data is None else data)
    return read(path, BASE)


def job(folder: Path, port: str | None = None, volume: Path | None = None, data: bytes | None = None) -> Job:
    """A checked image and the board that it is for."""
    found = image(folder, data)
    checks.check(board(), found)
    return Job(board(), found, port, volume, folder / "flash", print)
