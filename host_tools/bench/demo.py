"""The demo app, where a board has what it needs."""

from host_tools.boards import Board

APP = "demo"
FIRST_LINE = b"corten demo: ready"


def runs_on(board: Board) -> bool:
    """Whether the board has the peripherals that the demo takes."""
    return {"led", "timer", "uart"} <= set(board.capabilities)
