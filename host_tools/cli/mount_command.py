"""corten mount: an app on a board, from the host's files."""

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import FailedError, UsageError


@click.command("mount")
@click.argument("app", required=False)
@options.board
@options.port
@click.option("--exec", "source", metavar="PROGRAM", help="What to run there (default: the app's main.py).")
@click.option("--timeout", "silence_s", type=float, help="Give up after so many seconds without a word of the app.")
def command(app: str | None, board: str | None, port: str | None, source: str | None, silence_s: float | None) -> None:
    """Run APP on a board from the files that are here: its folder is the board's current one, and nothing is copied.

    The target is the board at --port, else an emulator started by `corten run --detach`, else a fresh one. What the app
    writes into its folder is written here. Exit status 1 when it ends with an uncaught exception. Ctrl-C stops it.
    """
    from host_tools.deploy.mount import run_from
    from host_tools.deploy.payload import app_files
    from host_tools.targets.choose import attach

    app = app or project.settings().app
    if app is None:
        raise UsageError("no app given", fix="name one, as `corten mount demo`, or set `app` in corten.toml")
    main = app_files(app)["main.py"]
    source = source or f"execfile({main.name!r})"
    with attach(options.board_name(board), options.port_name(port, board), options.say) as link:
        trace = run_from(link, main.parent, source, options.write, silence_s)
    if trace:
        raise FailedError(f"{app} ended with an uncaught exception:\n{trace.rstrip()}")
