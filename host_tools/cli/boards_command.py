"""corten boards: the boards there are."""

import click

from host_tools.cli import options


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
    options.show(as_json, rows, lambda: _table(rows))


def _table(rows: list[dict[str, object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("board", "core", "emulator", "can", "cannot")
    for row in rows:
        excluded = row["excluded"]
        assert isinstance(excluded, dict)
        can = row["capabilities"]
        assert isinstance(can, list)
        table.add_row(
            f"[bold]{row['name']}[/]\n{row['title']}",
            str(row["core"]),
            str(row["emulator"] or "-"),
            ", ".join(can),
            "\n".join(f"{name}: {reason}" for name, reason in excluded.items()),
        )
    Console().print(table)
