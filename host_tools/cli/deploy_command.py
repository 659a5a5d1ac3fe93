"""corten deploy: an app into a board's file system."""

import sys
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import CortenError, FailedError, UsageError
from host_tools.link import read_until

QUARTERS = 4
END_TIMEOUT_S = 10.0
AGAIN_TIMEOUT_S = 2.0
LINE_ANEW = "\r\x1b[K"

if TYPE_CHECKING:
    from collections.abc import Iterator

    from host_tools.deploy.inventory import Facts
    from host_tools.deploy.payload import File
    from host_tools.deploy.switch import Deployment, Report
    from host_tools.link import Link


@click.command("deploy")
@click.argument("app", required=False)
@options.board
@options.port
@options.as_json
@click.option("--watch", is_flag=True, help="Follow the console, and deploy again whenever a file is saved.")
@click.option("--source", "as_source", is_flag=True, help="Leave modules as they are written; do not compile them.")
@click.option("--no-start", is_flag=True, help="Leave the board at its prompt; do not start the app.")
def command(
    app: str | None, board: str | None, port: str | None, as_json: bool, watch: bool, as_source: bool, no_start: bool
) -> None:
    """Bring APP into the file system of a board that runs MicroPython, and start it.

    The target is the board at --port, else an emulator started by `corten run --detach`. Only what changed is sent. The
    app that the board has stays until the new one is complete and verified: after a broken cable or a power cut one of
    both runs.
    """
    from host_tools.targets.choose import attach, running

    app = app or project.settings().app
    if app is None:
        raise UsageError("no app given", fix="name one, as `corten deploy demo`, or set `app` in corten.toml")
    if watch and (no_start or as_json):
        raise UsageError("--watch follows an app that runs", fix="leave --no-start and --json away")
    address = options.port_name(port, board)
    if not address and not running(options.board_name(board)):
        raise UsageError(
            f"no {options.board_name(board)} runs that could be given an app",
            fix="name the port of one with --port, or start an emulated one with `corten run --detach`",
        )
    make = partial(_make, app, board, as_source)
    with attach(options.board_name(board), address, options.say) as link:
        if watch:
            _watch(link, app, make)
            return
        with _deployment(link, start=not no_start) as deployment:
            report = deployment.bring(make(deployment.found.facts))
        _end(link, start=not no_start)
    options.show(as_json, asdict(report), lambda: click.echo(_told(report)))


def _make(app: str, board: str | None, as_source: bool, facts: "Facts") -> "dict[str, File]":
    from host_tools.deploy.payload import payload

    name = facts.board or board or (project.settings().board if project.exists() else None)
    return payload(app, facts, name, as_source, options.say)


@contextmanager
def _deployment(link: "Link", start: bool) -> "Iterator[Deployment]":
    """Stops what runs, for a deployment. When that fails, or is stopped, the app that the board has is started again.

    A board in the middle of a transfer takes this for data, and starts it by itself after its time-out.
    """
    from host_tools.deploy.agent import Agent
    from host_tools.deploy.switch import Deployment
    from host_tools.raw_repl import SOFT_REBOOT, RawRepl

    repl = RawRepl(link)
    repl.enter()
    try:
        repl.soft_reset()
        yield Deployment(Agent(link, repl), _Progress())
    except BaseException:
        if sys.stderr.isatty():
            sys.stderr.write(LINE_ANEW)
        with suppress(CortenError):
            link.write(b"\r\x03\x02\x04" if start else b"\r\x03\x02", AGAIN_TIMEOUT_S)
            if start:
                read_until(link, SOFT_REBOOT, AGAIN_TIMEOUT_S)
        raise


def _end(link: "Link", start: bool) -> bytes:
    """Leaves the raw prompt, and starts the app with a soft reset; returns what the board says from then on.

    TargetError when it does not do it.
    """
    from host_tools.raw_repl import FRIENDLY_PROMPT, SOFT_REBOOT

    link.write(b"\r\x02\x04" if start else b"\r\x02")
    ending = SOFT_REBOOT if start else FRIENDLY_PROMPT
    return read_until(link, ending, END_TIMEOUT_S).partition(ending)[2]


def _watch(link: "Link", app: str, make: "partial[dict[str, File]]") -> None:
    """Deploys now and after each change, until Ctrl-C. What does not compile is told, and leaves the app that runs."""
    from host_tools.deploy.watch import follow_until_changed, look

    seen = look(app)
    with _deployment(link, start=True) as deployment:
        report = deployment.bring(make(deployment.found.facts))
    while True:
        options.say(_told(report))
        options.write(_end(link, start=True))
        while True:
            seen = follow_until_changed(link, app, seen, options.write)
            try:
                files = make(deployment.found.facts)
            except (FailedError, UsageError) as error:
                options.say(str(error))
            else:
                break
        with _deployment(link, start=True) as deployment:
            report = deployment.bring(files)


def _told(report: "Report") -> str:
    if not report.is_changed:
        return f"the board has it: {report.files} files, unchanged"
    sent, copied = len(report.sent), len(report.copied)
    return f"{report.files} files: {sent} sent in {report.moved} bytes, {copied} copied on the board"


class _Progress:
    """How much of the files was sent: on a terminal in a line that is written over, else in a line for each quarter."""

    def __init__(self) -> None:
        self._quarter = 0

    def __call__(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(LINE_ANEW if done == total else f"\r  sent {done} of {total} bytes")
            sys.stderr.flush()
        elif self._quarter != (quarter := QUARTERS * done // total):
            self._quarter = quarter
            options.say(f"sent {done} of {total} bytes")
