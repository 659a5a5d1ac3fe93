"""corten repl: MicroPython's prompt in this terminal."""

import errno
import os
import select
import sys
import termios
import time
import tty
from contextlib import suppress

import click

from host_tools.cli import options
from host_tools.errors import UsageError
from host_tools.link import CHUNK, Link, LinkClosedError

LEAVE = b"\x1d"
READ_TIMEOUT_S = 0.01
DRAIN_TIMEOUT_S = 0.5
DRAIN_LIMIT_S = 5.0


@click.command("repl")
@options.board
@options.port
@options.as_json
def command(board: str | None, port: str | None, as_json: bool) -> None:
    """MicroPython's prompt on a target; Ctrl-] leaves.

    The target is the board at --port, else an emulator started by `corten run --detach`, else a fresh one.
    """
    from host_tools.targets.choose import attach

    if as_json:
        raise UsageError("repl is for people", fix="corten exec --json")
    name = options.board_name(board)
    address = options.port_name(port, board)
    with attach(name, address, options.say) as link:
        click.echo(f"{address or name}: Ctrl-] leaves, Ctrl-D soft-resets", err=True)
        link.write(b"\r\x02")
        talk(link, sys.stdin.fileno(), sys.stdout.fileno())


def talk(link: Link, keyboard: int, screen: int) -> None:
    """Connects a terminal to a link until Ctrl-], the end of input, or the end of the target."""
    saved = termios.tcgetattr(keyboard) if os.isatty(keyboard) else None
    if saved:
        tty.setraw(keyboard)
    try:
        while True:
            _show(link.read(CHUNK, READ_TIMEOUT_S), screen)
            if not select.select([keyboard], [], [], 0)[0]:
                continue
            typed, leave, _ = os.read(keyboard, CHUNK).partition(LEAVE)
            link.write(typed)
            if leave:
                return
            if not typed:
                _drain(link, screen)
                return
    except LinkClosedError:
        _show(b"\r\n", screen)
        raise
    except OSError as error:
        if error.errno != errno.EIO:  # else the terminal was closed, and there is nobody to tell
            raise
    finally:
        if saved:
            with suppress(termios.error):
                termios.tcsetattr(keyboard, termios.TCSADRAIN, saved)


def _drain(link: Link, screen: int) -> None:
    """Shows what the target still answers to input that came from a pipe; one that never falls silent is left."""
    deadline = time.monotonic() + DRAIN_LIMIT_S
    while (data := link.read(CHUNK, DRAIN_TIMEOUT_S)) and time.monotonic() < deadline:
        _show(data, screen)


def _show(data: bytes, screen: int) -> None:
    while data:
        data = data[os.write(screen, data) :]
