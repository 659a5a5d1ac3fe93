"""The demo app, where a board has what it needs."""

from host_tools.boards import Board

APP = "demo"
FIRST_LINE = b"corten demo: ready"


def runs_on(board: Board) -> bool:
    """Whether the emulated board has the peripherals that the demo takes."""
    return not any(board.lacks(name, emulated=True) for name in ("led", "timer", "uart"))
