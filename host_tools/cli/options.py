"""Options that several commands share, and what they mean."""

import json
from collections.abc import Callable
from typing import Any

import click

from host_tools import project

board = click.option("--board", "-b", metavar="NAME", help="The board; see `corten boards`.")
port = click.option("--port", "-p", metavar="PORT", help="A real board: a device path or a pyserial URL.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


def board_name(given: str | None) -> str:
    """The board that was asked for: the option, else corten.toml, else the default."""
    return given or project.settings().board


def say(message: str) -> None:
    """Progress, on standard error so that it never mixes with a result."""
    click.echo(f"corten: {message}", err=True)


def show(as_json: bool, data: Any, table: Callable[[], None]) -> None:
    """Prints `data` as JSON, or calls `table` to print it for a person."""
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        table()
