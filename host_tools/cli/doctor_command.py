"""corten doctor: what is there, what is missing, how to get it."""

import sys
from dataclasses import asdict

import click

from host_tools.cli import options
from host_tools.doctor import Need
from host_tools.errors import MissingToolError


@click.command("doctor")
@options.board
@options.as_json
@click.option("--fix", "fix_it", is_flag=True, help="Install what is missing (apt, as root or through sudo).")
@click.option("--gdb", "debugger", is_flag=True, help="Check for the debugger as well, which `corten gdb` needs.")
@click.option("--quiet", is_flag=True, help="Say nothing when all is well.")
def command(board: str | None, as_json: bool, fix_it: bool, debugger: bool, quiet: bool) -> None:
    """Check this machine for what Corten needs, for --board or for all boards.

    Exit status 2 when something is missing.
    """
    from host_tools import doctor
    from host_tools.boards import load_all, load_board

    boards = [load_board(board)] if board else load_all()
    needs = doctor.examine(boards, debugger)
    if fix_it:
        doctor.fix(needs, options.say)
        needs = doctor.examine(boards, debugger)
    missing = [need for need in needs if need.found is None]
    if missing or not quiet:
        options.show(as_json, [asdict(need) for need in needs], lambda: _table(needs))
    if missing and fix_it:
        raise MissingToolError(f"still missing: {', '.join(need.name for need in missing)}", fix=missing[0].how)
    sys.exit(MissingToolError.exit_status if missing else 0)


def _table(needs: list[Need]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "needed", "for", "wanted", "found")
    for need in needs:
        state = "[green]ok[/]" if need.found else "[red]missing[/]"
        table.add_row(state, need.name, need.purpose, need.wanted, need.found or f"get it: {need.how}")
    Console().print(table)
