"""corten run: an app on an emulated board, or through the prompt of a real one."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import CortenError, FailedError, TargetError, UsageError

if TYPE_CHECKING:
    from host_tools.targets.qemu import QemuTarget

KEPT_BYTES = 65536
"""How much of an app's output is kept, for the report: the last of it."""


@click.command("run")
@click.argument("app", required=False)
@options.board
@options.port
@options.as_json
@click.option("--show", is_flag=True, help="Play the outside world, show both sides live, check that they agree.")
@click.option("--seconds", default=5.0, show_default=True, help="How long --show goes on.")
@click.option("--detach", is_flag=True, help="Leave the emulator running in the background.")
@click.option("--terminals", is_flag=True, help="With --detach: UARTs as serial devices, in place of sockets.")
@options.log
@click.option("--timeout", "timeout_s", type=float, help="Give up when the app still runs after so many seconds.")
def command(
    app: str | None,
    board: str | None,
    port: str | None,
    as_json: bool,
    show: bool,
    seconds: float,
    detach: bool,
    terminals: bool,
    timeout_s: float | None,
) -> None:
    """Boot APP on an emulated board and follow its console until it ends.

    With --port, run APP's main.py on a real board instead, through its prompt. Exit status 0 when the app returns or
    ends with sys.exit(0), 1 when it ends otherwise, 3 when it is still running after --timeout.
    """
    app = app or project.settings().app
    name = options.board_name(board)
    if port and (show or detach):
        raise UsageError("--show and --detach need an emulated board", fix="leave --port away")
    if terminals and not detach:
        raise UsageError("--terminals is for an emulator in the background", fix="add --detach")
    if detach:
        _detach(name, app, as_json, terminals)
    elif app is None:
        raise UsageError("no app given", fix="name one, as `corten run demo`, or set `app` in corten.toml")
    elif show:
        _show(name, app, seconds, as_json)
    elif address := options.port_name(port, board):
        _run_on_port(address, app, timeout_s, as_json)
    else:
        _run_emulated(name, app, timeout_s, as_json)


def _detach(board: str, app: str | None, as_json: bool, terminals: bool) -> None:
    from host_tools.targets.choose import start

    found = start(board, app, options.say, terminals)
    sockets = "".join(f"\n  {name}: {path}" for name, path in found.uarts.items())
    text = f"{found.app} runs on {found.board}, process {found.pid}; `corten stop` ends it{sockets}"
    options.show(as_json, asdict(found), lambda: click.echo(text))


def _show(board: str, app: str, seconds: float, as_json: bool) -> None:
    import importlib
    import importlib.util

    module = f"host_tools.shows.{app}"
    if not app.isidentifier() or not importlib.util.find_spec(module):
        raise UsageError(f"{app} has no show", fix="run it without --show")
    report = importlib.import_module(module).show(board, seconds, options.say, quiet=as_json)
    options.show(as_json, report, lambda: None)


def _run_emulated(board_name: str, app: str, timeout_s: float | None, as_json: bool) -> None:
    from host_tools.boards import load_board
    from host_tools.build import build
    from host_tools.targets.qemu import QemuTarget, emulator_of

    board = load_board(board_name)
    emulator_of(board)
    image = build(board, app, options.say)
    with QemuTarget(image, arguments=["run"]) as target:
        text, ended = _follow(target, timeout_s, quiet=as_json)
        status = target.status() if ended else None
        problem = _problem(image.app, status, text, target) if ended else _still_running(image.app, timeout_s, text)
    options.show(as_json, {"app": image.app, "board": board_name, "status": status, "output": text}, lambda: None)
    if problem:
        raise problem


def _follow(target: "QemuTarget", timeout_s: float | None, quiet: bool) -> tuple[str, bool]:
    """What the console showed, the last KEPT_BYTES of it, and whether the app ended in time."""
    from host_tools.link import CHUNK, LinkClosedError
    from host_tools.raw_repl import FOREVER_S

    deadline = time.monotonic() + (FOREVER_S if timeout_s is None else timeout_s)
    seen = b""
    while (left := deadline - time.monotonic()) > 0:
        try:
            data = target.console.read(CHUNK, left)
        except LinkClosedError:
            return seen.decode(errors="replace"), True
        seen = (seen + data)[-KEPT_BYTES:]
        if data and not quiet:
            options.write(data)
    return seen.decode(errors="replace"), False


def _still_running(app: str, timeout_s: float | None, text: str) -> TargetError:
    return TargetError(f"{app} was still running after {timeout_s:g} s; its last words: {text[-200:]!r}")


def _problem(app: str, status: int | None, text: str, target: "QemuTarget") -> CortenError | None:
    """What was wrong with the end of an app, whose machine closed its console."""
    from host_tools.targets.qemu import FAULT_STATUS

    if status is None or status < 0 or target.words():
        return TargetError(f"{app}: {target.ended() or 'its console is gone, but the emulator still runs'}")
    faults = [line.removeprefix("FAULT ") for line in text.splitlines() if line.startswith("FAULT ")]
    if status == FAULT_STATUS and faults:
        return FailedError("\n  ".join([f"{app} ended in a fault:", *faults]))
    if status == 1 and "Traceback" in text:
        return FailedError(f"{app} ended with an uncaught exception: {last_traceback(text)}")
    return FailedError(f"{app} ended with status {status}") if status else None


def last_traceback(text: str) -> str:
    """The exception's own line of the last traceback in a console's text, with the place it came from."""
    lines = [line.strip() for line in text[text.rindex("Traceback") :].splitlines() if line.strip()]
    places = [number for number, line in enumerate(lines) if line.startswith("File ")]
    if not places:
        return lines[-1]
    last = places[-1]
    exception = lines[last + 1] if last + 1 < len(lines) else lines[-1]
    return f"{exception} ({lines[last]})"


def _run_on_port(port: str, app: str, timeout_s: float | None, as_json: bool) -> None:
    from host_tools.apps import app_modules
    from host_tools.logs import asked_for
    from host_tools.raw_repl import ENTER_TIMEOUT_S, FOREVER_S, RawRepl, SoftResetError
    from host_tools.targets.serial import SerialTarget

    name, modules = app_modules(app)
    if len(modules) != 1:
        raise UsageError(f"{name} has several files; --port runs one", fix="copy them with mpremote first")
    source = options.program_text(modules[0].path)
    limit_s = FOREVER_S if timeout_s is None else timeout_s
    output, trace = b"", b""
    with SerialTarget(port) as target:
        repl = RawRepl(target.console)
        repl.enter(min(limit_s, ENTER_TIMEOUT_S))
        repl.soft_reset()
        if wanted := asked_for():
            _, problem = repl.execute(f"from corten.log import log_filter\nlog_filter({wanted!r})", limit_s)
            if problem:
                raise FailedError(f"{port} has no Corten to filter log lines with", fix="leave --log away")
        try:
            output, trace = repl.execute(source, total_s=limit_s, on_output=None if as_json else options.write)
        except SoftResetError as error:
            output = error.output
    text = (output + trace).decode(errors="replace")
    options.show(as_json, {"app": name, "port": port, "status": 1 if trace else 0, "output": text}, lambda: None)
    if trace:
        raise FailedError(f"{name} ended with an uncaught exception: {last_traceback(text)}")
