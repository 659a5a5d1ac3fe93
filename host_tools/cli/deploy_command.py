"""corten deploy: an app into a board's file system."""

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import UsageError


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
    app that the board has runs on until the new one is complete and verified; a broken cable or a power cut leaves one of
    the two.
    """
    from host_tools.deploy.payload import payload
    from host_tools.deploy.switch import deploy
    from host_tools.raw_repl import RawRepl
    from host_tools.targets.choose import attach

    app = app or project.settings().app
    if app is None:
        raise UsageError("no app given", fix="name one, as `corten deploy demo`, or set `app` in corten.toml")
    with attach(options.board_name(board), options.port_name(port, board), options.say) as link:
        repl = RawRepl(link)
        repl.enter()
        report = deploy(
            repl, lambda found: payload(app, found.facts, board, as_source, options.say)[1], lambda done, total: None
        )
        repl.leave()
        if not no_start:
            link.write(b"\x04")
    if report.is_unchanged:
        click.echo(f"unchanged: {report.files} files")
    else:
        click.echo(f"deployed {report.files} files: {len(report.sent)} sent ({report.moved} bytes), {len(report.copied)} copied")
