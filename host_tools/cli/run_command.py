"""corten run: an app on an emulated board, or through the prompt of a real one."""

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import CortenError, FailedError, TargetError, UsageError

if TYPE_CHECKING:
    from host_tools.targets.app_end import AppOutput
    from host_tools.targets.base import EmulatedTarget, End

END_TIMEOUT_S = 5.0
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
    from host_tools.targets import emulated
    from host_tools.targets.app_end import AppOutput

    board = load_board(board_name)
    emulated.check(board, options.say)
    image = build(board, app, options.say)
    with emulated.start(image, options.say, arguments=["run"]) as target:
        run = _follow(target, AppOutput() if board.runtime is None else None, timeout_s, quiet=as_json)
        problem = _problem(image.app, run, timeout_s)
    data = {"app": image.app, "board": board_name, "status": run.status, "output": run.text}
    options.show(as_json, data, lambda: None)
    if problem:
        raise problem


@dataclass(frozen=True)
class _Run:
    """An app's run: what the console showed, the last KEPT_BYTES of it, and how it ended.

    `status` is None while it runs and where it is not known; `end` is that of the emulator, where this ended.
    """

    text: str
    status: int | None = None
    end: "End | None" = None
    has_ended: bool = True


def _follow(target: "EmulatedTarget", stock: "AppOutput | None", timeout_s: float | None, quiet: bool) -> _Run:
    """Follows an app to its end, which on a port of MicroPython's own (`stock`) is the prompt."""
    from host_tools.link import CHUNK, LinkClosedError
    from host_tools.raw_repl import FOREVER_S
    from host_tools.targets.app_end import ends_in_traceback

    deadline = time.monotonic() + (FOREVER_S if timeout_s is None else timeout_s)
    seen = b""

    def show(shown: bytes) -> None:
        nonlocal seen
        seen = (seen + shown)[-KEPT_BYTES:]
        if shown and not quiet:
            options.write(shown)

    while (left := deadline - time.monotonic()) > 0:
        try:
            data = target.console.read(CHUNK, left)
        except LinkClosedError:
            show(stock.rest() if stock else b"")
            end = target.end(END_TIMEOUT_S)
            return _Run(seen.decode(errors="replace"), end.status if end else None, end)
        show(stock.take(data) if stock else data)
        if stock and stock.has_ended:
            return _Run(seen.decode(errors="replace"), None if stock.soft_reset else int(ends_in_traceback(seen)))
    show(stock.rest() if stock else b"")
    return _Run(seen.decode(errors="replace"), has_ended=False)


def _problem(app: str, run: _Run, timeout_s: float | None) -> CortenError | None:
    """What was wrong with the end of an app."""
    from host_tools.targets.base import Ending

    if not run.has_ended:
        return TargetError(f"{app} was still running after {timeout_s:g} s; its last words: {run.text[-200:]!r}")
    if run.status is None and run.end is None:
        return FailedError(
            f"{app} ended with SystemExit, and MicroPython's own port does not tell the status",
            fix="let the app return, or raise an exception of another kind",
        )
    if run.end and run.end.kind not in (Ending.EXIT, Ending.FAULT):
        return TargetError(f"{app}: {run.end.words}")
    faults = [line.removeprefix("FAULT ") for line in run.text.splitlines() if line.startswith("FAULT ")]
    if run.end and run.end.kind is Ending.FAULT and (faults or run.end.words):
        return FailedError("\n  ".join([f"{app} ended in a fault:", *(faults or [run.end.words])]))
    if run.status == 1 and "Traceback" in run.text:
        return FailedError(f"{app} ended with an uncaught exception: {last_traceback(run.text)}")
    return FailedError(f"{app} ended with status {run.status}") if run.status else None


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
