"""corten size: how much of flash and RAM an image takes, and what of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import UsageError

if TYPE_CHECKING:
    from host_tools.boards import Board
    from host_tools.size.report import Report

FILE = click.Path(dir_okay=False, path_type=Path)
WIDTH_WITHOUT_TERMINAL = 120


@click.command("size")
@click.argument("app", required=False)
@options.board
@click.option("--functions", is_flag=True, help="By function and object, not by module.")
@click.option("--module", metavar="NAME", help="Those of this module only, such as main.py, corten/irq.py or py/vm.o.")
@click.option("--top", "most", default=30, show_default=True, help="How many rows; the others are summed up.")
@click.option("--against", type=FILE, metavar="FILE", help="What has changed since this report, made with --json.")
@click.option("--html", type=FILE, metavar="FILE", help="Write a page with a treemap, for any browser.")
@options.as_json
def command(
    app: str | None,
    board: str | None,
    functions: bool,
    module: str | None,
    most: int,
    against: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Show how much flash and RAM the image of APP takes: by module, or by function, of Python and of C.

    Every byte is somewhere in the table. RAM is what variables take; the heap and the stack are told apart. A budget in
    corten.toml ([budget] flash = "600K", ram = "64K") ends each build that takes more.
    """
    from host_tools.boards import load_board
    from host_tools.size import change, table
    from host_tools.size.image import report_of
    from host_tools.size.report import read

    model = load_board(options.board_name(board))
    report = report_of(model, app or project.settings().app, options.say)
    before = read(against) if against else None
    if html:
        _write_page(report, html)
    if as_json:
        data = report.data()
        if before:
            data["changes"] = [vars(each) for each in change.by_function(before, report)]
        options.show(True, data, lambda: None)
        return
    by_function = functions or module is not None
    if before:
        found = change.by_function(before, report) if by_function else change.by_module(before, report)
        _print(table.changes([each for each in found if module in (None, each.module)], most))
        click.echo(f"flash {report.flash - before.flash:+} bytes, RAM {report.ram - before.ram:+}")
        return
    if by_function:
        pieces = [piece for piece in report.pieces if module in (None, piece.module)]
        if not pieces:
            raise UsageError(f"the image has no module {module!r}", fix="corten size lists them")
        _print(table.functions(report, pieces, most))
    else:
        _print(table.modules(report, most))
    click.echo(_totals(report, model))


def _print(table: object) -> None:
    from rich.console import Console

    screen = Console()
    width = screen.width if screen.is_terminal else WIDTH_WITHOUT_TERMINAL
    Console(width=width, highlight=False).print(table)


def _totals(report: "Report", board: "Board") -> str:
    memory = board.runtime.code if board.runtime else board.firmware.memory if board.firmware else None
    if memory is None:
        return f"flash {report.flash} bytes; RAM {report.ram} bytes"
    room = board.runtime_bytes(memory)
    share = f" of {room}, {report.flash / room:.1%}"
    return f"flash {report.flash} bytes{share}; RAM {report.ram} bytes, heap and stack {report.reserved}"


def _write_page(report: "Report", path: Path) -> None:
    from host_tools.files import write_whole
    from host_tools.size.page import page

    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: there is no such folder", fix="make it, or name another file")
    write_whole(path, page(report))
    options.say(f"{path}: open it in a browser")
