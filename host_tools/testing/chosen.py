"""Where target tests run, and on what image."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from host_tools import project

if TYPE_CHECKING:
    from host_tools.boards import Board
    from host_tools.build import Image


def boards(names: Sequence[str]) -> "list[Board]":
    """The boards of these names; without any, that of the project, and where there is none all that can be emulated."""
    from host_tools.boards import load_all, load_board

    if not names and project.exists():
        names = [project.settings().board]
    return [load_board(name) for name in names] or [board for board in load_all() if board.emulator]


@cache
def image(board_name: str, say: Callable[[str], None]) -> "Image":
    """What a test boots: the prompt, with the modules of the project's app.

    On Corten's own port the same image runs the app where it is asked to; elsewhere it is another image.
    """
    from host_tools.boards import load_board
    from host_tools.build import build

    board = load_board(board_name)
    return build(board, project.settings().app, say, start=board.runtime is not None)
