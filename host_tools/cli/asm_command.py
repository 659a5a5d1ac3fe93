"""corten asm: what a function was lowered and compiled to."""

from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options

if TYPE_CHECKING:
    from host_tools.asm.listing import Line, Listing


@click.command("asm")
@click.argument("what")
@click.argument("app", required=False)
@options.board
@options.as_json
def command(what: str, app: str | None, board: str | None, as_json: bool) -> None:
    """Show the code of WHAT in the image of APP, beside its source and what lowering made of that.

    WHAT is a function, such as Uart.open or corten.uart.Uart.open, a module, such as main.py or corten/irq.py, or a
    line in one, main.py:12. Ordinary functions are bytecode; native, viper, @hot and inline-assembler ones are machine
    code, with their constants and the functions of MicroPython that they call by name.
    """
    from host_tools.asm.listing import listings
    from host_tools.boards import load_board

    found = listings(what, load_board(options.board_name(board)), app or project.settings().app, options.say)
    options.show(as_json, {"functions": [_data(each) for each in found]}, lambda: _print(found))


def _print(found: "list[Listing]") -> None:
    for number, each in enumerate(found):
        click.echo(("\n" if number else "") + click.style(f"{each.file} {each.function}", bold=True), nl=False)
        click.echo(f": {each.kind}, {each.size} bytes")
        for line in each.lines:
            click.echo(_styled_line(line, "" if each.kind == "bytecode" else "x"))


def _styled_line(line: "Line", base: str) -> str:
    rows = [f"{line.number:5}  {line.source}".rstrip()]
    if line.lowered is not None:
        rows.append(click.style(f"    >  {line.lowered}".rstrip(), fg="cyan"))
    for each in line.code:
        rows.append(
            click.style(f"           {format(each.offset, base):>4}  {each.data.hex():12}", dim=True) + f"  {each.text}"
        )
    return "\n".join(rows)


def _data(listing: "Listing") -> dict[str, object]:
    lines = []
    for line in listing.lines:
        code = [{"offset": each.offset, "bytes": each.data.hex(), "text": each.text} for each in line.code]
        lines.append({"line": line.number, "source": line.source, "lowered": line.lowered, "code": code})
    names = {"file": listing.file, "path": str(listing.path), "function": listing.function}
    return names | {"kind": listing.kind, "size": listing.size, "lines": lines}
