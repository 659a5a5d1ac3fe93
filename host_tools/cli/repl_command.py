"""corten repl: MicroPython's prompt in this terminal."""

import os
import select
import sys
import termios
import tty

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import UsageError
from host_tools.link import Link, LinkClosedError

LEAVE = b"\x1d"


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
        raise UsageError("repl is for people; use `corten exec --json`")
    name = options.board_name(board)
    port = port or (None if board else project.settings().port)
    with attach(name, port, options.say) as link:
        click.echo(f"{port or name}: Ctrl-] leaves, Ctrl-D soft-resets", err=True)
        link.write(b"\r\x02")
        talk(link, sys.stdin.fileno(), sys.stdout.fileno())


def talk(link: Link, keyboard: int, screen: int) -> None:
    """Connects a terminal to a link until Ctrl-], the end of input, or the end of the target."""
    saved = termios.tcgetattr(keyboard) if os.isatty(keyboard) else None
    if saved:
        tty.setraw(keyboard)
    open_input = True
    try:
        while True:
            os.write(screen, link.read(4096, 0.01))
            ready = select.select([keyboard], [], [], 0)[0] if open_input else []
            if not ready:
                continue
            typed = os.read(keyboard, 1024)
            if LEAVE in typed:
                link.write(typed.split(LEAVE)[0])
                return
            if typed:
                link.write(typed)
            else:
                open_input = False
                _drain(link, screen)
                return
    except LinkClosedError:
        os.write(screen, b"\r\n")
        raise
    finally:
        if saved:
            termios.tcsetattr(keyboard, termios.TCSADRAIN, saved)


def _drain(link: Link, screen: int) -> None:
    """Shows what the target still answers to input that came from a pipe."""
    while data := link.read(4096, 0.5):
        os.write(screen, data)
