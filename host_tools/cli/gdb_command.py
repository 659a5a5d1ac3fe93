"""corten gdb: a debugger on a target, which knows Python's frames."""

import re
import signal
import subprocess
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import FailedError, TargetError, UsageError

if TYPE_CHECKING:
    from host_tools.build import Image

_FRAME = re.compile(r"^#\d+ +(\S+?)(?::(\d+))?  (\S+)(?:  \[(.+)\])?$", re.MULTILINE)


@click.command("gdb")
@click.argument("app", required=False)
@options.board
@click.option("--remote", metavar="ADDRESS", help="A gdb server that runs already, as HOST:PORT.")
@click.option("--probe", type=click.Choice(("openocd", "pyocd")), help="A debug probe, through that program's server.")
@click.option(
    "--break", "places", multiple=True, metavar="PLACE", help="Stop there: Uart.open, main.py:12, or C's main."
)
@click.option("--command", "commands", multiple=True, metavar="TEXT", help="With --batch: what else gdb is to do.")
@click.option("--batch", is_flag=True, help="Run to the first stop, print the Python backtrace, and end.")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="With --batch: seconds to the end.")
@options.as_json
def command(
    app: str | None,
    board: str | None,
    remote: str | None,
    probe: str | None,
    places: tuple[str, ...],
    commands: tuple[str, ...],
    batch: bool,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Debug the image of APP: in an emulator that waits at its first instruction, or on a board through a probe.

    In gdb, `py-backtrace` shows the Python functions that run, through machine code and interrupts, and `py-backtrace
    all` those of C between them; `py-fault` shows what a fault stacked. It stops at faults by itself. PLACE is a Python
    function or line of the image, as for `corten asm`, or a function of C.
    """
    if as_json and not batch:
        raise UsageError("a debugger at the keyboard is for people", fix="add --batch")
    from host_tools.base import base_of
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.gdb import session
    from host_tools.gdb.places import Places

    session.program()
    app = app or project.settings().app
    model = load_board(options.board_name(board))
    image = build(model, app, options.say)
    known = Places(image, app, base_of(model, options.say))
    told = [known.stop(place) for place in places]
    if batch:
        told += ["continue", "py-backtrace", *commands]
    with tempfile.TemporaryDirectory(prefix="corten-gdb-", dir="/tmp") as name:  # a socket's path must be short
        folder = Path(name)
        with _server(image, folder, remote, probe, quiet=batch) as address:
            words = session.command(image, address, known.code(), told, folder, batch)
            if batch:
                _run(words, timeout_s, as_json)
            else:
                _talk(words)


def _server(
    image: "Image", folder: Path, remote: str | None, probe: str | None, quiet: bool
) -> AbstractContextManager[str]:
    from host_tools.gdb import server

    if remote:
        return nullcontext(remote)
    if probe:
        return server.probe(image.board, probe, folder, options.say)
    return server.emulator(image, folder, (lambda _: None) if quiet else options.write)


def _talk(words: list[str]) -> None:
    """gdb in this terminal; a Ctrl-C is for what it debugs."""
    kept = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        subprocess.run(words, check=False)
    finally:
        signal.signal(signal.SIGINT, kept)


def _run(words: list[str], timeout_s: float, as_json: bool) -> None:
    try:
        ended = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"it did not stop within {timeout_s:g} s", fix="--timeout, or another --break") from error
    frames = [
        {"file": file, "line": int(line) if line else None, "function": function, "kind": kind or "bytecode"}
        for file, line, function, kind in _FRAME.findall(ended.stdout)
    ]
    data = {"frames": frames, "output": ended.stdout}
    options.show(as_json, data, lambda: click.echo(ended.stdout.rstrip()))
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["it failed"]
        raise FailedError(f"gdb: {last[0]}", fix="another --break; without --batch gdb can be asked")
