"""corten run: an app on an emulated board."""

import sys

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import FailedError, TargetError, UsageError


@click.command("run")
@click.argument("app", required=False)
@options.board
@options.port
@options.as_json
@click.option("--show", is_flag=True, help="Play the outside world, show both sides live, check that they agree.")
@click.option("--seconds", default=5.0, show_default=True, help="How long --show goes on.")
@click.option("--detach", is_flag=True, help="Leave the emulator running in the background.")
@click.option("--timeout", "timeout_s", type=float, help="End after this many seconds of wall time.")
def command(
    app: str | None,
    board: str | None,
    port: str | None,
    as_json: bool,
    show: bool,
    seconds: float,
    detach: bool,
    timeout_s: float | None,
) -> None:
    """Boot APP on an emulated board and follow its console until it ends.

    With --port, run APP's main.py on a real board instead, through its prompt.
    """
    app = app or project.settings().app
    name = options.board_name(board)
    if detach:
        _detach(name, app, as_json)
    elif app is None:
        raise UsageError("no app given", fix="name one, as `corten run demo`, or set `app` in corten.toml")
    elif show:
        _show(name, app, seconds, as_json)
    elif port or (not board and project.settings().port):
        _run_on_port(port or str(project.settings().port), app, timeout_s)
    else:
        _run_emulated(name, app, timeout_s, as_json)


def _detach(board: str, app: str | None, as_json: bool) -> None:
    from dataclasses import asdict

    from host_tools.targets.choose import start

    found = start(board, app, options.say)
    sockets = "".join(f"\n  {name}: {path}" for name, path in found.uarts.items())
    text = f"{found.app} runs on {found.board}, process {found.pid}; `corten stop` ends it{sockets}"
    options.show(as_json, asdict(found), lambda: click.echo(text))


def _show(board: str, app: str, seconds: float, as_json: bool) -> None:
    import importlib
    import importlib.util

    module = f"host_tools.shows.{app}"
    if not importlib.util.find_spec(module):
        raise UsageError(f"{app} has no show", fix="run it without --show")
    report = importlib.import_module(module).show(board, seconds, options.say, quiet=as_json)
    options.show(as_json, report, lambda: None)


def _run_emulated(board: str, app: str, timeout_s: float | None, as_json: bool) -> None:
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets.qemu import QemuTarget

    image = build(load_board(board), app, options.say)
    with QemuTarget(image, arguments=["run"]) as target:
        text = _follow(target, timeout_s, quiet=as_json)
        status = target.status()
        reason = target.ended()
    options.show(as_json, {"app": image.app, "board": board, "status": status, "output": text}, lambda: None)
    if status == 1 and "Traceback" in text:
        raise FailedError(f"{image.app} ended with an uncaught exception: {last_traceback(text)}")
    if status == 70 or status is None or status < 0:
        raise FailedError(f"{image.app}: {reason}")
    sys.exit(status)


def _follow(target: "object", timeout_s: float | None, quiet: bool) -> str:
    import time

    from host_tools.link import LinkClosedError
    from host_tools.targets.qemu import QemuTarget

    assert isinstance(target, QemuTarget)
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    seen = b""
    while True:
        if deadline and time.monotonic() > deadline:
            raise TargetError(f"{target.name}: still running after {timeout_s:g} s; its last words: {seen[-200:]!r}")
        try:
            data = target.console.read(65536, 0.2)
        except LinkClosedError:
            return seen.decode(errors="replace")
        seen = (seen + data)[-65536:]
        if data and not quiet:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def last_traceback(text: str) -> str:
    """The exception's own line of the last traceback in a console's text, with the place it came from."""
    lines = [line.strip() for line in text[text.rindex("Traceback") :].splitlines() if line.strip()]
    places = [number for number, line in enumerate(lines) if line.startswith("File ")]
    if not places:
        return lines[-1]
    last = places[-1]
    exception = lines[last + 1] if last + 1 < len(lines) else lines[-1]
    return f"{exception} ({lines[last]})"


def _run_on_port(port: str, app: str, timeout_s: float | None) -> None:
    from host_tools.build import app_modules
    from host_tools.raw_repl import FOREVER_S, RawRepl
    from host_tools.targets.serial import SerialTarget

    name, modules = app_modules(app)
    if len(modules) != 1:
        raise UsageError(f"{name} has several files; --port runs one", fix="copy them with mpremote first")
    with SerialTarget(port) as target:
        repl = RawRepl(target.console)
        repl.enter()
        repl.soft_reset()
        _, trace = repl.execute(modules[0].path.read_text(encoding="utf-8"), total_s=timeout_s or FOREVER_S, on_output=_write)
    if trace:
        raise FailedError(f"{name} ended with an uncaught exception: {last_traceback(trace.decode(errors='replace'))}")


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
