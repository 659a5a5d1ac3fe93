"""corten monitor: follows a target's console."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import TargetError, UsageError

if TYPE_CHECKING:
    from host_tools.link import Link
    from host_tools.monitor.splitter import Splitter

TABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("monitor")
@click.argument("app", required=False)
@options.board
@options.port
@click.option("--level", metavar="FILTER", help="Show these log lines only, such as warning,uart=debug.")
@click.option("--time", "times", type=click.Choice(("relative", "clock", "off")), default="relative", show_default=True)
@click.option("--save", type=FILE, metavar="FILE", help="Append what is shown to a file.")
@click.option(
    "--table", type=TABLE, metavar="FILE", help="The texts of framed lines (default: those of the last build)."
)
@click.option(
    "--until", metavar="PATTERN", help="End with status 0 at a line in which this regular expression is found."
)
@click.option("--timeout", "timeout_s", type=float, help="End after so many seconds; with --until, with status 3.")
@click.option("--wait", "wait_s", default=30.0, show_default=True, help="Seconds to wait for a console that has gone.")
@options.as_json
def command(
    app: str | None,
    board: str | None,
    port: str | None,
    level: str | None,
    times: str,
    save: Path | None,
    table: Path | None,
    until: str | None,
    timeout_s: float | None,
    wait_s: float,
    as_json: bool,
) -> None:
    """Follow the console of a target: its log lines, framed ones too, and all else. Ctrl-] or Ctrl-C leaves.

    The target is the board at --port, else an emulator started by `corten run --detach`, else a fresh one that boots
    APP. Nothing is sent to it. When its console goes, in a reset or because it is unplugged, it is waited for.
    """
    from host_tools.link import LinkClosedError
    from host_tools.logs import LogFilter
    from host_tools.monitor.follow import Follower
    from host_tools.monitor.keyboard import watched
    from host_tools.monitor.source import Source
    from host_tools.monitor.splitter import Splitter
    from host_tools.monitor.table import Table
    from host_tools.monitor.view import View

    wanted = LogFilter.parse(level) if level else None
    pattern = _pattern(until)
    if save and not save.parent.is_dir():
        raise UsageError(f"{save.parent}: there is no such folder", fix="make it, or name another file")
    console = _console(options.board_name(board), options.port_name(port, board), app)
    splitter = Splitter(Table.read(table or console.table))
    with ExitStack() as stack:
        file = stack.enter_context(save.open("a", encoding="utf-8")) if save else None
        source = Source(console.name, console.open, 0 if console.is_fresh else wait_s, options.say)
        stack.enter_context(source)
        view = View(times, as_json, wanted, file)
        is_left = stack.enter_context(watched())
        stack.callback(_tell_losses, splitter)
        try:
            Follower(source, splitter, view.show, pattern).run(is_left, timeout_s)
        except KeyboardInterrupt:
            return
        except LinkClosedError as error:
            if not console.is_fresh:
                raise
            if pattern:
                raise TargetError(f"{console.name} ended before {until!r} was seen") from error


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise UsageError(
            f"--until: {text!r} is no regular expression: {error}", fix="put \\ before what is none"
        ) from error


@dataclass(frozen=True)
class _Console:
    """What is followed. `is_fresh`: an emulator of our own, whose end is the end; `table`: of its framed log lines."""

    name: str
    open: "Callable[[], AbstractContextManager[Link]]"
    is_fresh: bool
    table: Path | None


def _console(board: str, port: str | None, app: str | None) -> _Console:
    from host_tools.targets import choose

    if port:
        if app:
            raise UsageError("the board at --port has an app of its own", fix="leave APP away")
        return _Console(port, lambda: choose.attach(board, port, options.say), False, _built(board, _own_app()))
    if app is None and (found := choose.running(board)):
        return _Console(f"the emulated {board}", lambda: _background(board), False, _built(board, found.app))
    return _fresh(board, app or project.settings().app)


@contextmanager
def _background(board: str) -> "Iterator[Link]":
    """The console of the emulator in the background; TargetError when there is none."""
    from host_tools.targets import choose

    if choose.running(board) is None:
        raise TargetError(f"no emulated {board} runs in the background", fix="corten run --detach")
    with choose.attach(board, None, options.say) as link:
        yield link


def _fresh(board_name: str, app: str | None) -> _Console:
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets import emulated

    board = load_board(board_name)
    emulated.check(board, options.say)
    image = build(board, app, options.say)

    @contextmanager
    def start() -> "Iterator[Link]":
        with emulated.start(image, options.say, arguments=["run"] if app else []) as target:
            yield target.console

    return _Console(f"{image.app} on {board_name}", start, True, image.log_table if image.log_table.exists() else None)


def _built(board: str, name: str | None) -> Path | None:
    """The texts of the framed log lines of an app's last build; None where it has none, or there is no such app."""
    from host_tools import logs, paths

    table = paths.build_dir() / board / name / logs.TABLE if name else None
    return table if table and table.exists() else None


def _own_app() -> str | None:
    """The name of corten.toml's app, None where there is none."""
    from host_tools.apps import app_modules

    app = project.settings().app
    with suppress(UsageError):
        return app_modules(app)[0] if app else None
    return None


def _tell_losses(splitter: "Splitter") -> None:
    counts = {
        "framed log lines lost": splitter.lost,
        "frames damaged": splitter.bad,
        "characters of garbage": splitter.garbage,
    }
    if any(counts.values()):
        options.say(", ".join(f"{count} {what}" for what, count in counts.items() if count))
