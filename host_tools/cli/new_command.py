"""corten new: the folder of a new project."""

from pathlib import Path

import click

from host_tools.cli import options


@click.command("new")
@click.argument("name", type=click.Path(path_type=Path))
@options.board
@click.option("--template", "template_name", metavar="NAME", help="What it starts as (default: app).")
@options.as_json
def command(name: Path, board: str | None, template_name: str | None, as_json: bool) -> None:
    """Make the folder NAME with an app, its tests and a corten.toml.

    NAME must not be there yet, or be an empty folder. Templates: app (the default), an LED and a UART in the App frame;
    bare, an app that prints, for any board.
    """
    from host_tools import new_project
    from host_tools.boards import load_board
    from host_tools.errors import UsageError

    known = new_project.templates()
    wanted = template_name or new_project.DEFAULT
    if wanted not in known:
        raise UsageError(f"there is no template {wanted!r}", fix=f"name one of them: {', '.join(known)}")
    model = load_board(options.board_name(board))
    made = new_project.make(name, known[wanted], model)
    next_steps = [*([f"cd {name}"] if name.resolve() != Path.cwd() else []), "corten test", "corten run"]
    data = {"folder": str(name), "board": model.name, "template": wanted, "files": [str(path) for path in made]}
    options.show(as_json, data | {"next": next_steps}, lambda: _tell(name, model.title, made, next_steps))


def _tell(folder: Path, title: str, made: list[Path], next_steps: list[str]) -> None:
    click.echo(f"{folder}: a project for the {title}")
    for path in made:
        click.echo(f"  {path}")
    click.echo("next:")
    for step in next_steps:
        click.echo(f"  {step}")
