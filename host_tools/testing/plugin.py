"""The pytest plugin: each file in the folder of target tests becomes one test for each board.

`corten_target_tests` in pytest's configuration names the folder; `--board` and `--port` choose where the tests run.
Several ports share the tests of their board.
With `corten_every_capability = true` a capability that a board declares and no test needs is a failure.
"""

import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from host_tools import paths
from host_tools.errors import CortenError, UsageError
from host_tools.testing import chosen

if TYPE_CHECKING:
    from host_tools.boards import Board
    from host_tools.testing.case import Case
    from host_tools.testing.plan import Plan
    from host_tools.testing.ports import Port
    from host_tools.testing.spread import Job, Spread

_SPREAD: "pytest.StashKey[Spread]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("corten_target_tests", "the folder of tests that run on a board", type="string", default="")
    parser.addini("corten_every_capability", "fail for a capability that no test needs", type="bool", default=False)
    group = parser.getgroup("corten")
    group.addoption("--board", action="append", default=[], help="run target tests on this board (default: all)")
    help_text = "run them on the real board at this port, as BOARD=PORT or with --board; may be repeated"
    group.addoption("--port", action="append", default=[], help=help_text)


def pytest_configure(config: pytest.Config) -> None:
    """Lets tests on the host import what runs on the chip."""
    if config.getoption("port") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--port runs the tests at all ports at a time by itself; leave -n away")
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


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> "Generator[None, object, object]":
    """Runs the target tests at the ports while pytest goes through all tests."""
    ports = _ports(session.config)
    if not ports or session.config.getoption("collectonly"):
        return (yield)
    from host_tools.testing.spread import Job, Spread

    jobs = []
    for item in session.items:
        if isinstance(item, TargetItem):
            item.job = Job(item.case, item.board)
            jobs.append(item.job)
    spread = session.config.stash[_SPREAD] = Spread(ports, jobs)
    try:
        return (yield)
    finally:
        spread.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
    """Gives a test at a port its own time, in place of how long it was waited for."""
    report = yield
    seconds = dict(report.user_properties).get("seconds")
    if report.when == "call" and isinstance(seconds, float):
        report.duration = seconds
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
    """Adds the port to the result's word, which is shown with -v."""
    port = dict(report.user_properties).get("port") if isinstance(report, pytest.TestReport) else None
    if report.when != "call" or not port:
        return None
    return report.outcome, "." if report.passed else "F", f"{report.outcome.upper()} at {port}"


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
    if spread := config.stash.get(_SPREAD, None):
        for address, count in spread.counts.items():
            cause = f"; then it was lost: {spread.lost[address]}" if address in spread.lost else ""
            terminalreporter.write_line(f"{count} at {address}{cause}")


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
            if not case.excluded_on(board, wired=_is_wired(self.config)):
                yield TargetItem.from_parent(self, name=board.name, case=case, board=board)


class TargetItem(pytest.Item):
    """A target test on one board."""

    def __init__(self, *, case: "Case", board: "Board", **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        self.case = case
        self.board = board
        self.job: Job | None = None

    def runtest(self) -> None:
        from host_tools.testing import runner

        if self.job:
            outcome = self.job.result.result()
            self.user_properties += [("port", outcome.port), ("seconds", outcome.seconds)]
            failure = outcome.failure
        else:
            found = runner.run_emulated(self.case, chosen.image(self.board.name, _say_nothing))
            failure = str(found) if found else None
        if failure:
            raise TargetTestFailed(failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, CortenError | TargetTestFailed):
            port = dict(self.user_properties).get("port")
            place = f"{self.board.name} at {port}" if port else self.board.name
            return f"{self.case.path.name} on {place}: {excinfo.value}"
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
    ports = _ports(config)
    return list(_chosen(tuple(dict.fromkeys(port.board for port in ports)) or tuple(config.getoption("board"))))


@cache
def _chosen(names: tuple[str, ...]) -> "tuple[Board, ...]":
    return tuple(chosen.boards(names))


def _ports(config: pytest.Config) -> "list[Port]":
    given = config.getoption("port")
    if not given:
        return []
    from host_tools.testing.ports import read_ports

    try:
        return read_ports(given, config.getoption("board"))
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def _is_wired(config: pytest.Config) -> bool:
    """Whether the host reaches the boards' UARTs."""
    return not config.getoption("port")


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
    return plan(cases, _boards(config), wired=_is_wired(config))


def _say_nothing(_: str) -> None:
    pass
