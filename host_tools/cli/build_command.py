"""corten build: an app -> an image."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.logs import LEVELS, Logs

if TYPE_CHECKING:
    from host_tools.lower import Lowered

FORMATS = ("text", "framed")


@click.command("build")
@click.argument("app", required=False)
@options.board
@options.as_json
@click.option("--explain", is_flag=True, help="Print what became of each register access, lock and log line.")
@click.option("--all", "everything", is_flag=True, help="With --explain: print those in Corten's own modules too.")
@click.option("--no-lower", "lower", flag_value=False, default=True, help="Leave accesses and locks as they are.")
@options.log
@click.option("--log-level", type=click.Choice(LEVELS), help="Leave log lines below this level out of the image.")
@click.option("--log-format", type=click.Choice(FORMATS), help="Log lines as text, or framed, their texts kept here.")
@click.option("--keep-locks", "locks", flag_value=False, default=True, help="Leave locks as they are.")
def command(
    app: str | None,
    board: str | None,
    as_json: bool,
    explain: bool,
    everything: bool,
    lower: bool,
    locks: bool,
    log_level: str | None,
    log_format: str | None,
) -> None:
    """Build the image of APP: a folder with a main.py, one .py file, or an app that comes with Corten.

    Without APP, the one in corten.toml; without that, an image that boots to the prompt.
    """
    from host_tools.apps import app_modules
    from host_tools.boards import load_board
    from host_tools.build import build, lowering

    app = app or project.settings().app
    model = load_board(options.board_name(board))
    set_up = project.settings()
    logs = Logs(log_level or set_up.log_level, (log_format or set_up.log_format) == "framed")
    image = build(model, app, options.say, lower, locks, log_lines=logs)
    data: dict[str, object] = {"board": image.board.name, "app": image.app}
    data |= {"micropython": image.micropython, "elf": str(image.elf)}
    data |= {"uf2": str(image.uf2)} if image.uf2 else {}
    if not explain:
        options.show(as_json, data, lambda: click.echo(image.uf2 or image.elf))
        return
    found = lowering(model, app, options.say, locks, logs)
    data["accesses"] = [asdict(note) | {"file": str(path)} for path, made in found.items() for note in made.notes]
    own = {module.path for module in app_modules(app)[1]} if app else set()
    options.show(as_json, data, lambda: _explain(found, set(found) if everything else own))


def _explain(found: Mapping[Path, "Lowered"], full: set[Path]) -> None:
    """What became of the accesses and locks of the files in `full`, in the order of the source; all are counted."""
    lowered = kept = others = 0
    for path, made in found.items():
        shown = _short(path)
        for note in sorted(made.notes, key=lambda each: (each.line, each.column)):
            place = f"{shown}:{note.line}: {note.source}"
            is_shown = path in full
            lowered += note.result is not None
            kept += note.result is None and is_shown
            others += note.result is None and not is_shown
            if is_shown:
                click.echo(f"{place}\n    {note.result or f'kept: {note.reason}'}")
    rest = f"; {others} kept in Corten's own modules, which --all shows" if others else ""
    click.echo(f"{lowered} accesses lowered, {kept or 'none'} kept{rest}")


def _short(path: Path) -> str:
    """A path as a person types it from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
