"""Whether somebody at the terminal wants to leave: Ctrl-]."""

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LEAVE = b"\x1d"


@contextmanager
def watched() -> Iterator[Callable[[], bool]]:
    """Gives a function that tells it. Without a terminal it is never so; Ctrl-C is a KeyboardInterrupt as ever."""
    keyboard = sys.stdin.fileno() if sys.stdin.isatty() else None
    if keyboard is None:
        yield lambda: False
        return
    saved = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    try:
        yield lambda: _is_pressed(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, saved)


def _is_pressed(keyboard: int) -> bool:
    return bool(select.select([keyboard], [], [], 0)[0]) and LEAVE in os.read(keyboard, 64)
