"""The pytest plugin: each file in the folder of target tests becomes one test for each board.

`corten_target_tests` in pytest's configuration names the folder; `--board` and `--port` choose where the tests run.
With `corten_every_capability = true` a capability that a board declares and no test needs is a failure.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from host_tools import paths
from host_tools.errors import CortenError
from host_tools.testing import chosen

if TYPE_CHECKING:
    from host_tools.boards import Board
    from host_tools.testing.case import Case
    from host_tools.testing.plan import Plan


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("corten_target_tests", "the folder of tests that run on a board", type="string", default="")
    parser.addini("corten_every_capability", "fail for a capability that no test needs", type="bool", default=False)
    group = parser.getgroup("corten")
    group.addoption("--board", action="append", default=[], help="run target tests on this board (default: all)")
    group.addoption("--port", help="run them on the real board at this port; needs --board")


def pytest_configure(config: pytest.Config) -> None:
    """Lets tests on the host import what runs on the chip."""
    firmware = str(paths.firmware_dir())
    if _folder(config) and firmware not in sys.path:
        sys.path.append(firmware)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    folder = _folder(parent.config)
    if folder is None or file_path.parent != folder:
        return None
    from host_tools.testing.case import is_case

    return TargetFile.from_parent(parent, path=file_path) if is_case(file_path) else None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Keeps pytest from importing a target test that is named on the command line."""
    if module_path.parent != _folder(parent.config):
        return None
    return HostlessModule.from_parent(parent, path=module_path)


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    folder = _folder(config)
    is_wanted = config.getini("corten_every_capability")
    if is_wanted and folder and not {folder, *folder.parents}.isdisjoint(_named(config)):
        for board in _boards(config):
            items.append(CapabilityItem.from_parent(session, name=f"capabilities[{board.name}]", board=board))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    folder = _folder(config)
    if folder is None or config.getoption("collectonly"):
        return
    made = _plan(config, folder)
    if not made.selected and not made.excluded:
        return
    terminalreporter.write_sep("-", f"target tests: {len(made.selected)} selected, {len(made.excluded)} excluded")
    reasons = Counter((board.name, reason) for _, board, reason in made.excluded)
    for (board_name, reason), count in sorted(reasons.items()):
        terminalreporter.write_line(f"excluded: {count} on {board_name}: {reason}")


class HostlessModule(pytest.Module):
    """A target test as Python's own collector sees it: nothing to run on the host."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        return []


class TargetFile(pytest.File):
    """A target test, on every board that has what it needs."""

    def collect(self) -> Iterator[pytest.Item]:
        from host_tools.testing.case import read_case

        case = read_case(self.path)
        for board in _boards(self.config):
            if not case.excluded_on(board, wired=not self.config.getoption("port")):
                yield TargetItem.from_parent(self, name=board.name, case=case, board=board)


class TargetItem(pytest.Item):
    """A target test on one board."""

    def __init__(self, *, case: "Case", board: "Board", **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.case = case
        self.board = board

    def runtest(self) -> None:
        from host_tools.testing import runner

        port = self.config.getoption("port")
        if port:
            failure = runner.run_on_port(self.case, self.board, port)
        else:
            failure = runner.run_emulated(self.case, chosen.image(self.board.name, _say_nothing))
        if failure:
            raise TargetTestFailed(str(failure))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, CortenError | TargetTestFailed):
            return f"{self.case.path.name} on {self.board.name}: {excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.case.path.stem} on {self.board.name}"


class CapabilityItem(pytest.Item):
    """Fails when a board declares a capability that no selected test needs."""

    def __init__(self, *, board: "Board", **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.board = board

    def runtest(self) -> None:
        folder = _folder(self.config)
        assert folder
        untested = [name for board, name in _plan(self.config, folder).untested if board.name == self.board.name]
        if untested:
            raise TargetTestFailed(f"{self.board.name} declares {', '.join(untested)}, and no test here needs it")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class TargetTestFailed(Exception):
    """A target test's failure, as it is to be printed."""


def excluded(config: pytest.Config) -> "list[tuple[Case, Board, str]]":
    """The tests that were asked for and do not run on a board, each with its reason."""
    folder = _folder(config)
    return _plan(config, folder).excluded if folder else []


def _folder(config: pytest.Config) -> Path | None:
    name = config.getini("corten_target_tests")
    return (config.rootpath / name) if name else None


def _boards(config: pytest.Config) -> "list[Board]":
    return list(_chosen(tuple(config.getoption("board")), config.getoption("port")))


@cache
def _chosen(names: tuple[str, ...], port: str | None) -> "tuple[Board, ...]":
    if port and len(names) != 1:
        raise pytest.UsageError("--port needs one --board, to know what the board can do")
    return tuple(chosen.boards(names))


def _named(config: pytest.Config) -> list[Path]:
    """The files and folders whose tests were asked for."""
    return [(config.invocation_params.dir / argument.split("::")[0]).resolve() for argument in config.args]


def _asked_for(config: pytest.Config, folder: Path) -> "Iterator[Case]":
    """The tests that were asked for; one that cannot be read is left to its own collection, which says why."""
    from host_tools.testing.case import find_paths, read_case

    named = _named(config)
    for path in find_paths(folder):
        if not {path, *path.parents}.isdisjoint(named):
            with suppress(CortenError):
                yield read_case(path)


def _plan(config: pytest.Config, folder: Path) -> "Plan":
    from host_tools.testing.plan import plan

    cases = list(_asked_for(config, folder))
    return plan(cases, _boards(config), wired=not config.getoption("port"))


def _say_nothing(_: str) -> None:
    pass
