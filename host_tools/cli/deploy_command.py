"""corten deploy: an app into a board's file system."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import UsageError

if TYPE_CHECKING:
    from host_tools.deploy.switch import Report


@click.command("deploy")
@click.argument("app", required=False)
@options.board
@options.port
@options.as_json
@click.option("--source", "as_source", is_flag=True, help="Leave modules as they are written; do not compile them.")
@click.option("--no-start", is_flag=True, help="Leave the board at its prompt; do not start the app.")
def command(
    app: str | None, board: str | None, port: str | None, as_json: bool, as_source: bool, no_start: bool
) -> None:
    """Bring APP into the file system of a board that runs MicroPython, and start it.

    The target is the board at --port, else an emulator started by `corten run --detach`. Only what changed is sent. The
    app that the board has stays until the new one is complete and verified: after a broken cable or a power cut one of
    both runs.
    """
    from host_tools.deploy.agent import Agent
    from host_tools.deploy.payload import payload
    from host_tools.deploy.switch import Deployment
    from host_tools.raw_repl import RawRepl
    from host_tools.targets.choose import attach

    app = app or project.settings().app
    if app is None:
        raise UsageError("no app given", fix="name one, as `corten deploy demo`, or set `app` in corten.toml")
    with attach(options.board_name(board), options.port_name(port, board), options.say) as link:
        repl = RawRepl(link)
        repl.enter()
        repl.soft_reset()
        deployment = Deployment(Agent(link, repl), _progress)
        facts = deployment.found.facts
        name = facts.board or board or (project.settings().board if project.exists() else None)
        report = deployment.bring(payload(app, facts, name, as_source, options.say))
        repl.leave()
        if not no_start:
            link.write(b"\x04")
    options.show(as_json, asdict(report), lambda: click.echo(_told(report)))


def _told(report: "Report") -> str:
    if not report.is_changed:
        return f"the board has it: {report.files} files, unchanged"
    sent, copied = len(report.sent), len(report.copied)
    return f"{report.files} files: {sent} sent in {report.moved} bytes, {copied} copied on the board"


def _progress(done: int, total: int) -> None:
    """On a terminal, in a line that the next one takes the place of."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" if done == total else f"\r  sent {done} of {total} bytes")
        sys.stderr.flush()
