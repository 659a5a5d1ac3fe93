"""corten stop: ends an emulator in the background."""

import click

from host_tools.cli import options


@click.command("stop")
@options.board
@options.as_json
def command(board: str | None, as_json: bool) -> None:
    """Stop the emulator that `corten run --detach` started."""
    from host_tools.targets.choose import stop

    found = stop(options.board_name(board))
    data = {"board": found.board, "app": found.app, "pid": found.pid}
    options.show(as_json, data, lambda: click.echo(f"stopped {found.app} on {found.board}"))
