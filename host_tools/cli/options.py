"""Options that several commands share, and what they mean."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from host_tools import project
from host_tools.errors import UsageError

board = click.option("--board", "-b", metavar="NAME", help="The board; see `corten boards`.")
port = click.option("--port", "-p", metavar="PORT", help="A real board: a device path, a URL, labgrid:PLACE.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def board_name(given: str | None) -> str:
    """The board that was asked for: the option, else corten.toml, else the default."""
    return given or project.settings().board


def port_name(port: str | None, board: str | None) -> str | None:
    """The port that was asked for: the option, else corten.toml, unless --board asks for an emulated board."""
    return port or (None if board else project.settings().port)


def say(message: str) -> None:
    """Progress, on standard error so that it never mixes with a result."""
    click.echo(f"corten: {message}", err=True)


def show(as_json: bool, data: Any, table: Callable[[], None]) -> None:
    """Prints `data` as JSON, or calls `table` to print it for a person."""
    if as_json:
        import json

        click.echo(json.dumps(data, indent=2))
    else:
        table()


def write(data: bytes) -> None:
    """Passes a target's output on, as it is and at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def program_text(path: Path | None) -> str:
    """The text of a program: of a file, or of standard input when None. UsageError when it is no text."""
    try:
        return (path.read_bytes() if path else sys.stdin.buffer.read()).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path or 'standard input'}: expected UTF-8 text: {error}") from error


def _log_filter(_context: click.Context, _parameter: click.Parameter, given: str | None) -> None:
    """Stands for CORTEN_LOG, which the build of an image and a program's start look at."""
    if given:
        from host_tools.logs import VARIABLE, LogFilter

        os.environ[VARIABLE] = str(LogFilter.parse(given))


log = click.option(
    "--log",
    metavar="FILTER",
    expose_value=False,
    callback=_log_filter,
    help="Log lines to begin with, such as info,uart=debug.",
)
