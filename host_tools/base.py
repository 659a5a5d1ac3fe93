"""What an app is linked to: MicroPython compiled for a board."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from host_tools.apps import Module
from host_tools.boards import Board
from host_tools.source import Source

MAP = "firmware.map"
"""The linker's map, which `link` writes beside the image."""


class Base(Protocol):
    """MicroPython compiled for a board, without an app: Corten's own port, or one of MicroPython's."""

    @property
    def source(self) -> Source:
        """What it was compiled from."""

    @property
    def mpy_cross(self) -> Path:
        """The cross compiler of that version."""

    @property
    def key(self) -> str:
        """Changes whenever anything that it was made from changes."""

    @property
    def qstr_names(self) -> Path:
        """The interned names that frozen code can refer to without bringing its own."""

    @property
    def modules(self) -> list[Module]:
        """What it freezes itself."""

    def compile(self, content: Path, unit: Path) -> None:
        """Compiles what mpy-tool made."""

    def link(self, unit: Path, linked: Path) -> None:
        """Links the image. FailedError for one that does not fit into flash or RAM."""


def base_of(board: Board, say: Callable[[str], None]) -> Base:
    """What the images of `board` are linked to, compiled now if the cache does not hold it; raises as either does."""
    if board.firmware:
        from host_tools.stock.firmware import stock_firmware

        return stock_firmware(board, say)
    from host_tools.runtime import runtime

    return runtime(board, say)
