"""Into the boot loader and back: what is said to a board over its console, before and after it is flashed."""

import time
from contextlib import suppress

from host_tools.errors import CortenError, TargetError
from host_tools.link import Link, Setting
from host_tools.raw_repl import RawRepl
from host_tools.targets.serial import open_link

ENTER_TIMEOUT_S = 5.0
BACK_TIMEOUT_S = 20.0
LAST_WORDS_S = 1.0
TOUCH_BAUD = 1200
TOUCH_S = 0.25
POLL_S = 0.2
SOFT_RESET = b"\x04"

BUILD = """
try:
    from board import BUILD
except ImportError:
    import sys
    BUILD = sys.version
print(BUILD)
"""
"""Prints what tells an image from all others: `board.BUILD`, else MicroPython's own version and date."""


def into_boot_loader(port: str) -> None:
    """Asks MicroPython at `port` for its boot loader, or, where none answers, the USB device at 1200 baud.

    TargetError when the port cannot be opened. Whether it worked is seen from the boot loader.
    """
    try:
        link = open_link(port)
        try:
            repl = RawRepl(link)
            repl.enter(ENTER_TIMEOUT_S)
            with suppress(TargetError):  # the board has left, or says why it cannot
                repl.execute("import machine\nmachine.bootloader()", LAST_WORDS_S)
        finally:
            _close(link)
    except TargetError:
        _touch(port)


def _touch(port: str) -> None:
    """Opens the port at 1200 baud and hangs up: what some USB boards take as a wish for the boot loader."""
    link = open_link(port, TOUCH_BAUD)
    try:
        time.sleep(TOUCH_S)  # the device has to see the rate before the line goes down
        if hasattr(link, "configure"):
            with suppress(CortenError):  # the board has left by now, if it knows the sign
                link.configure(Setting.DTR, 0)
    finally:
        _close(link)


def _close(link: Link) -> None:
    with suppress(CortenError, OSError):
        link.close()


def await_build(port: str, timeout_s: float = BACK_TIMEOUT_S) -> str:
    """What runs at `port`: its `board.BUILD` or its version. TargetError when no REPL answers within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return _build_at(port, max(POLL_S, min(ENTER_TIMEOUT_S, deadline - time.monotonic())))
        except TargetError as error:
            if time.monotonic() > deadline:
                message = f"no MicroPython answers at {port} within {timeout_s:g} s: {error.message}"
                raise TargetError(message, fix=error.fix) from error
        time.sleep(POLL_S)


def _build_at(port: str, timeout_s: float) -> str:
    link = open_link(port)
    try:
        repl = RawRepl(link)
        repl.enter(timeout_s)
        output, trace = repl.execute(BUILD, timeout_s, total_s=timeout_s)
        repl.leave()
        link.write(SOFT_RESET)  # asking has stopped the app: it starts again
    finally:
        _close(link)
    if trace:
        raise TargetError(f"{port} does not say what runs there: {trace.decode(errors='replace').strip()[-200:]}")
    return output.decode(errors="replace").strip()
