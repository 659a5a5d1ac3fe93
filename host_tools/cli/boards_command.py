"""corten boards: the boards there are."""

from typing import TYPE_CHECKING

import click

from host_tools.cli import options

if TYPE_CHECKING:
    from host_tools.boards import Board


@click.command("boards")
@options.board
@options.as_json
def command(board: str | None, as_json: bool) -> None:
    """List the boards, or the one of that name: what they can do and what they cannot.

    A project's own are in the folder `boards` beside its corten.toml.
    """
    from host_tools import boards

    known = [boards.load_board(board)] if board else boards.load_all()
    rows = [
        {
            "name": found.name,
            "title": found.title,
            "core": found.chip.core.type,
            "emulator": found.emulator.wanted if found.emulator else None,
            "capabilities": sorted(found.capabilities),
            "not_emulated": dict(sorted(found.not_emulated.items())),
            "excluded": dict(sorted(found.excluded.items())),
            "flash": list(found.flash.order) if found.flash else [],
        }
        for found in known
    ]
    options.show(as_json, rows, lambda: _table(known))


def _table(boards: "list[Board]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("board", "core", "emulator", "can", "cannot")
    for board in boards:
        table.add_row(
            f"[bold]{board.name}[/]\n{board.title}",
            board.chip.core.type,
            board.emulator.wanted if board.emulator else "-",
            ", ".join(sorted(board.capabilities)),
            "\n".join(_lacks(board)),
        )
    Console().print(table)


def _lacks(board: "Board") -> list[str]:
    """What the board cannot, and what its emulator cannot, with the reasons."""
    never = [f"{name}: {reason}" for name, reason in sorted(board.excluded.items())]
    return never + [f"{name}, emulated: {reason}" for name, reason in sorted(board.not_emulated.items())]
