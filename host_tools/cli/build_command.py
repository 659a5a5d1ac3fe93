"""corten build: an app -> an image."""

import click

from host_tools import project
from host_tools.cli import options


@click.command("build")
@click.argument("app", required=False)
@options.board
@options.as_json
def command(app: str | None, board: str | None, as_json: bool) -> None:
    """Build the image of APP: a folder with a main.py, one .py file, or an app that comes with Corten.

    Without APP, the one in corten.toml; without that, an image that boots to the prompt.
    """
    from host_tools.boards import load_board
    from host_tools.build import build

    image = build(load_board(options.board_name(board)), app or project.settings().app, options.say)
    data = {"board": image.board.name, "app": image.app, "micropython": image.micropython, "elf": str(image.elf)}
    options.show(as_json, data, lambda: click.echo(image.elf))
