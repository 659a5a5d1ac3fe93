"""Whether an image is one for a board: what is not is never written."""

import re

from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.flashers.image_file import ImageFile

_BUILD = re.compile(rb"corten:([a-z][a-z0-9_]*):[0-9a-f]{16}")
_FIX = "name an image that was built for this board"
_VECTORS = 8  # bytes: the stack pointer and the reset handler
_WORD = 4


def check(board: Board, image: ImageFile) -> None:
    """Raises UsageError, with what gives it away, for an image of another chip or board, and for what is no image."""
    _check_place(board, image)
    _check_family(board, image)
    _check_vectors(board, image)
    build = build_of(image)
    if build and board_of(build) != board.name:
        raise _wrong(board, image, f"it was built for {board_of(build)}")


def build_of(image: ImageFile) -> str | None:
    """What `board.BUILD` is in the image, None for one that Corten did not build."""
    found = (_BUILD.search(data) for _, data in image.chunks)
    return next((match[0].decode() for match in found if match), None)


def board_of(build: str) -> str:
    """The board's name in a `board.BUILD`."""
    return build.split(":")[1]


def flash_of(board: Board) -> tuple[int, int]:
    """(base, end) of the flash that an image goes to."""
    base = board.chip.memory[board.image_memory].base
    return base, base + board.memory_bytes(board.image_memory)


def _check_place(board: Board, image: ImageFile) -> None:
    base, end = flash_of(board)
    if image.start < base or image.end > end:
        place = f"{image.start:#010x} to {image.end - 1:#010x}"
        raise _wrong(board, image, f"it writes {place}, the board's flash is {base:#010x} to {end - 1:#010x}")


def _check_family(board: Board, image: ImageFile) -> None:
    if image.format == "uf2" and image.family != board.chip.uf2_family:
        have = f"family {image.family:#010x}" if image.family is not None else "no family"
        need = f"{board.chip.uf2_family:#010x}" if board.chip.uf2_family is not None else "none: it takes no UF2 files"
        raise _wrong(board, image, f"its UF2 blocks have {have}, the chip's is {need}")
    if image.usb and board.flash and board.flash.dfu:
        named = "{:04x}:{:04x}".format(*image.usb)
        if named != board.flash.dfu.usb:
            raise _wrong(board, image, f"it is for the USB device {named}, the boot loader is {board.flash.dfu.usb}")


def _check_vectors(board: Board, image: ImageFile) -> None:
    place = flash_of(board)[0] + board.chip.vectors
    table = image.at(place, _VECTORS)
    if table is None:
        raise _wrong(board, image, f"it has no vector table at {place:#010x}")
    stack, reset = (int.from_bytes(table[at : at + _WORD], "little") for at in (0, _WORD))
    ram = [region for region in board.chip.memory.values() if "w" in region.access]
    if stack % _WORD or not any(region.base < stack <= region.end for region in ram):
        raise _wrong(board, image, f"its stack would begin at {stack:#010x}, where the chip has no RAM")
    if not reset & 1 or image.at(reset - 1, 2) is None:
        raise _wrong(board, image, f"its reset handler would be at {reset:#010x}, where it has no code")


def _wrong(board: Board, image: ImageFile, reason: str) -> UsageError:
    return UsageError(f"{image.path} is no image for {board.name}: {reason}", fix=_FIX)
