"""corten test: pytest, on the host and on every board."""

import importlib.metadata
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools.cli import INTERRUPTED, options
from host_tools.errors import FailedError, MissingToolError, UsageError

if TYPE_CHECKING:
    import pytest

TESTS = "tests"
_PORT_HELP = "A real board, by its name unless --board gives it; may be repeated, to spread the tests."


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.argument("paths", nargs=-1)
@click.option("--board", "-b", "boards", multiple=True, metavar="NAME", help="Only on this board; may be repeated.")
@click.option("--port", "-p", "ports", multiple=True, metavar="[NAME=]PORT", help=_PORT_HELP)
@options.as_json
@click.option("--jobs", "-j", default=os.cpu_count() or 1, show_default=True, help="How many at a time.")
def command(paths: tuple[str, ...], boards: tuple[str, ...], ports: tuple[str, ...], as_json: bool, jobs: int) -> None:
    """Run the tests in PATHS (default: tests). Options that are not listed go to pytest.

    Target tests run on the project's board, and outside of a project on each emulated board, if it has what they need;
    or on the boards at the ports: each runs one test at a time, and those that are the same board share its tests.
    """
    try:
        import pytest

        importlib.metadata.version("pytest-xdist")
    except ImportError as error:
        raise MissingToolError(f"{error.name} is not installed", fix="pip install 'corten[test]'") from error
    from host_tools.testing.report import JsonReport

    if ports:
        from host_tools.testing.ports import read_ports

        read_ports(ports, boards)
    if not paths and not Path(TESTS).is_dir():
        raise UsageError(f"there is no folder {TESTS} here", fix="name the tests, or go to the project's folder")
    arguments = [*(paths or (TESTS,)), *(f"--board={name}" for name in boards)]
    arguments += [f"--port={port}" for port in ports] or ["-n", str(jobs)]
    report, interruption = JsonReport(), _Interruption()
    named = [word for word in paths if not word.startswith("-")]
    if not ports and not (named and all(_is_hosts(word) for word in named)):
        _build_images(boards)
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        status = int(pytest.main(arguments, plugins=[report, interruption]))
    options.show(as_json, report.data(), lambda: None)
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        absent = [word for word in paths if _is_absent(word)]
        cause = f"there is no {' or '.join(absent)}" if absent else "no test was found in what was named"
        raise UsageError(cause, fix="name files or folders with tests")
    sys.exit(INTERRUPTED if interruption.by_user else _EXIT_STATUS.get(status, UsageError.exit_status))


_EXIT_STATUS = {0: 0, 1: FailedError.exit_status, 2: FailedError.exit_status}
"""Corten's for pytest's: tests failed, tests could not be read. Others are wrong usage."""


def _is_absent(word: str) -> bool:
    """Whether a word is a file or folder that is not there; with pytest-xdist pytest does not say so."""
    path = word.split("::", maxsplit=1)[0]
    return not word.startswith("-") and ("/" in path or path.endswith(".py")) and not Path(path).exists()


def _is_hosts(word: str) -> bool:
    """Whether a word names a file of tests on the host, by pytest's convention."""
    return Path(word.split("::", maxsplit=1)[0]).name.startswith("test_")


class _Interruption:
    """A pytest plugin that tells a person's Ctrl-C from pytest's own, as after a file that cannot be read."""

    by_user = False

    def pytest_keyboard_interrupt(self, excinfo: "pytest.ExceptionInfo[BaseException]") -> None:
        self.by_user = excinfo.type is KeyboardInterrupt


def _build_images(boards: tuple[str, ...]) -> None:
    """Builds before the tests start, so that no test waits for a compiler."""
    from host_tools.testing import chosen

    for board in chosen.boards(boards):
        chosen.image(board.name, options.say)
