"""corten test: pytest, on the host and on every board."""

import importlib.metadata
import os
import sys
from pathlib import Path

import click

from host_tools.cli import options
from host_tools.errors import MissingToolError, UsageError


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.argument("paths", nargs=-1)
@click.option("--board", "-b", "boards", multiple=True, metavar="NAME", help="Only on this board; may be repeated.")
@options.port
@options.as_json
@click.option("--jobs", "-j", default=os.cpu_count() or 1, show_default=True, help="How many at a time.")
def command(paths: tuple[str, ...], boards: tuple[str, ...], port: str | None, as_json: bool, jobs: int) -> None:
    """Run the tests in PATHS (default: tests). Options that are not listed go to pytest.

    Target tests run on each emulated board that has what they need, or on the board at --port.
    """
    try:
        import pytest

        importlib.metadata.version("pytest-xdist")
    except ImportError as error:
        raise MissingToolError(f"{error.name} is not installed", fix="pip install 'corten[test]'") from error
    from host_tools.testing.report import JsonReport

    if port and len(boards) != 1:
        raise UsageError("--port needs one --board, to know what the board can do")
    arguments = [*(paths or ("tests",)), *(f"--board={name}" for name in boards)]
    arguments += [f"--port={port}"] if port else ["-n", str(jobs)]
    report = JsonReport()
    if as_json:
        arguments += ["-q", "--no-header", "-p", "no:terminal"]
    _build_images(boards, port)
    status = int(pytest.main(arguments, plugins=[report]))
    options.show(as_json, report.data(), lambda: None)
    sys.exit(status if status in (0, 1) else UsageError.exit_status)


def _build_images(boards: tuple[str, ...], port: str | None) -> None:
    """Builds before the tests start, so that no test waits for a compiler."""
    from host_tools.boards import load_all, load_board
    from host_tools.build import build

    if port or not Path("tests").exists():
        return
    for board in [load_board(name) for name in boards] or [board for board in load_all() if board.emulator]:
        build(board, None, options.say)
