"""corten peek: what a peripheral's registers say."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools.cli import options
from host_tools.errors import UsageError

if TYPE_CHECKING:
    from host_tools.registers.model import Instance

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("peek")
@click.argument("name")
@click.argument("registers", metavar="[REGISTER]...", nargs=-1)
@options.board
@options.port
@click.option("--module", type=FILE, metavar="FILE", help="A firmware module that defines NAME = Block(address).")
@click.option("--svd", type=FILE, metavar="FILE", help="A vendor's SVD file that has a peripheral NAME.")
@click.option("--all", "everything", is_flag=True, help="Read registers as well that reading changes.")
@click.option("--watch", "again", is_flag=True, help="Read again and again, and show what has changed.")
@click.option("--interval", "interval_s", default=0.5, show_default=True, help="Seconds between two readings.")
@options.as_json
def command(
    name: str,
    registers: tuple[str, ...],
    board: str | None,
    port: str | None,
    module: Path | None,
    svd: Path | None,
    everything: bool,
    again: bool,
    interval_s: float,
    as_json: bool,
) -> None:
    """Show the registers of the peripheral NAME on a target: all, or each REGISTER, such as CTRL or CH[2].

    `TIMER0.CTRL` is `TIMER0 CTRL`.

    NAME is one of the board's peripherals, unless --module or --svd says where its registers are described. Each
    register is read once, in its own width. Those of which the description says that reading changes something are
    left out without --all; vendors' files do not always say so.

    The target is the board at --port, else an emulator started by `corten run --detach`, else a fresh one. A program
    that runs there is stopped, its interrupts are not.
    """
    if as_json and again:
        raise UsageError("--watch is for people", fix="corten peek --json, as often as you like")
    if interval_s <= 0:
        raise UsageError(f"no interval: {interval_s:g} s", fix="--interval 0.5")
    if module and svd:
        raise UsageError("--module and --svd both say where the registers are described", fix="give one of them")
    from host_tools.peek.find import registers_of

    name, *first = name.split(".", 1)
    board_name = options.board_name(board)
    instance = _instance(name, board_name, module, svd)
    wanted = registers_of(instance, (*first, *registers))
    from rich.console import Console

    from host_tools.link import LinkClosedError
    from host_tools.peek import reading
    from host_tools.peek.table import as_json as readings_json
    from host_tools.peek.table import table
    from host_tools.peek.watch import watch
    from host_tools.raw_repl import RawRepl
    from host_tools.targets.choose import attach

    port = options.port_name(port, board)
    title = f"{instance.name}, a {instance.block.name} at {instance.base:#010x}, on {port or board_name}"
    with attach(board_name, port, options.say) as link:
        repl = RawRepl(link)
        repl.enter()
        try:
            if again:
                watch(title, lambda: reading.read(repl, instance.name, wanted, everything), interval_s, Console())
            else:
                found = reading.read(repl, instance.name, wanted, everything)
        finally:
            with suppress(LinkClosedError):  # a fault has ended the emulator
                repl.leave()
    if not again:
        data = readings_json(port or board_name, instance, found)
        options.show(as_json, data, lambda: Console().print(table(title, found, {})))


def _instance(name: str, board: str, module: Path | None, svd: Path | None) -> "Instance":
    from host_tools.peek import find

    if module:
        return find.in_module(module, name)
    if svd:
        return find.in_svd(svd, name)
    from host_tools.boards import load_board

    return find.on_board(load_board(board), name)
