"""corten bench: measures, and writes build/bench.json."""

import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from host_tools import bench, project
from host_tools.cli import options
from host_tools.errors import CortenError, UsageError

if TYPE_CHECKING:
    from host_tools.bench.rows import Row


@click.command("bench")
@click.argument("names", nargs=-1)
@options.board
@options.as_json
def command(names: tuple[str, ...], board: str | None, as_json: bool) -> None:
    """Measure NAMES (default: all), on --board or on every board that a benchmark is for.

    The figures go to build/bench.json, and those of a whole run to docs/benchmarks.md where that is. Exit status 1 when
    one is not what was asked for, after all of them were measured.
    """
    from host_tools.bench import plot, report, rows
    from host_tools.targets import version

    machine = report.this_machine(version.installed())
    measured, problems = _measure(_chosen(names), board, options.say)
    if names or board:
        path = rows.merge(measured)
    else:
        path = rows.write(measured)
        report.document(measured, machine)
        for path_of_chapter, prefixes in report.CHAPTERS.items():
            report.document([row for row in measured if row.name.startswith(prefixes)], machine, path_of_chapter)
        plot.draw(measured)
    options.show(as_json, [row.data() for row in measured], lambda: report.show(measured))
    for problem in problems:
        options.say(problem)
    missed = [row for row in measured if row.missed]
    options.say(f"{len(measured)} figures, {len(missed)} missed, {len(problems)} not measured: {path}")
    sys.exit(1 if missed or problems else 0)


def _chosen(names: tuple[str, ...]) -> list[str]:
    """The benchmarks of that name or below it. UsageError for a name that is none."""
    for name in names:
        if not any(_is_below(known, name) for known in bench.BENCHMARKS):
            raise UsageError(f"there is no benchmark {name!r}", fix=f"give some of: {', '.join(bench.BENCHMARKS)}")
    return [known for known in bench.BENCHMARKS if not names or any(_is_below(known, name) for name in names)]


def _is_below(known: str, name: str) -> bool:
    return known == name or known.startswith(f"{name}/")


def _measure(names: list[str], board: str | None, say: Callable[[str], None]) -> "tuple[list[Row], list[str]]":
    """What was measured, and why the rest could not be."""
    from host_tools.boards import QemuEmulator, load_all, load_board

    measured: list[Row] = []
    problems: list[str] = []
    for name in names:
        benchmark = importlib.import_module(f"host_tools.bench.{bench.BENCHMARKS[name]}")
        if board or not benchmark.EVERY_BOARD:
            boards = [load_board(board or project.settings().board)]
        else:
            boards = [known for known in load_all() if isinstance(known.emulator, QemuEmulator)]
        for each in boards:
            say(f"measuring {name} on {each.name}")
            try:
                for row in benchmark.measure(each, say):
                    measured.append(row)
            except CortenError as error:
                problems.append(f"{name} on {each.name}: {error}")
    return measured, problems
