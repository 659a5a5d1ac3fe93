"""corten boards: the boards there are."""

from typing import TYPE_CHECKING

import click

from host_tools.cli import options

if TYPE_CHECKING:
    from host_tools.boards import Board


@click.command("boards")
@options.as_json
def command(as_json: bool) -> None:
    """List the boards, what they can do and what they cannot."""
    from host_tools import boards

    known = boards.load_all()
    rows = [
        {
            "name": board.name,
            "title": board.title,
            "core": board.chip.core.type,
            "emulator": f"QEMU >= {board.emulator.min_version}" if board.emulator else None,
            "capabilities": sorted(board.capabilities),
            "excluded": dict(sorted(board.excluded.items())),
        }
        for board in known
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
            f"QEMU >= {board.emulator.min_version}" if board.emulator else "-",
            ", ".join(sorted(board.capabilities)),
            "\n".join(f"{name}: {reason}" for name, reason in sorted(board.excluded.items())),
        )
    Console().print(table)
