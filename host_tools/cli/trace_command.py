"""corten trace: a timeline of an app's interrupts, tasks, locks and idle time."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host_tools import project
from host_tools.cli import options
from host_tools.errors import FailedError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

FILE = click.Path(dir_okay=False, path_type=Path)
FEWEST_EVENTS = 2
WIDTH_WITHOUT_TERMINAL = 160


@click.command("trace")
@click.argument("app", required=False)
@options.board
@options.port
@click.option("--seconds", default=2.0, show_default=True, help="How long to record, in the app's own time.")
@click.option("--events", default=2048, show_default=True, help="Room on the target, 8 bytes each.")
@click.option("--output", type=FILE, metavar="FILE", help="JSON for ui.perfetto.dev (default: build/trace.json).")
@click.option("--html", type=FILE, metavar="FILE", help="A page for any browser (default: build/trace.html).")
@options.as_json
def command(
    app: str | None,
    board: str | None,
    port: str | None,
    seconds: float,
    events: int,
    output: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Run APP with recording on, and draw what interrupted what, for how long, and what was masked meanwhile.

    APP runs in an emulator, or on the board at --port, which has an image with it: there it starts anew after a soft
    reset. Its registers are lowered, its locks are not, so that they can be seen. When the room is full the oldest
    events are overwritten, and counted. Exit status 1 when APP ends with an exception of its own; what was recorded is
    written.
    """
    app = app or project.settings().app
    if app is None:
        raise UsageError("no app given", fix="name one, as `corten trace demo`, or set `app` in corten.toml")
    if seconds <= 0:
        raise UsageError(f"nothing can be recorded in {seconds:g} s", fix="--seconds 2")
    if events < FEWEST_EVENTS:
        raise UsageError(f"no room for a trace: {events} events", fix="--events 2048")
    import json

    from host_tools import paths
    from host_tools.files import write_whole
    from host_tools.trace.page import page
    from host_tools.trace.perfetto import trace_events
    from host_tools.trace.run import record
    from host_tools.trace.summary import summary
    from host_tools.trace.timeline import timeline

    for path in (output, html):
        if path and not path.parent.is_dir():
            raise UsageError(f"{path.parent}: there is no such folder", fix="make it, or name another file")
    told = (lambda _: None) if as_json else options.write
    recording, ended = record(
        options.board_name(board), app, options.port_name(port, board), seconds, events, options.say, told
    )
    found = timeline(recording)
    name = Path(app).stem
    output = output or paths.build_dir() / "trace.json"
    html = html or paths.build_dir() / "trace.html"
    write_whole(output, json.dumps(trace_events(found, name)))
    write_whole(html, page(found, name))
    data = {"app": name, **summary(found), "ended": ended, "output": str(output), "html": str(html)}
    options.show(as_json, data, lambda: _print(data))
    if ended and ended != "it returned":
        raise FailedError(f"{name} ended while it was traced: {ended.splitlines()[-1]}")


def _print(data: dict[str, Any]) -> None:
    from rich.console import Console

    screen = Console()
    console = Console(width=screen.width if screen.is_terminal else WIDTH_WITHOUT_TERMINAL, highlight=False)
    console.print(_table(data))
    console.print(
        f"{_time(data['duration_us'])} recorded: asleep {data['idle_share']:.1%}, main {data['main_share']:.1%}, "
        f"interrupts {data['interrupt_share']:.1%}; longest masked {_time(data['longest_masked_us'])}"
        + (f" in {data['longest_masked_in']}" if data["longest_masked_in"] else "")
    )
    if data["overwritten"]:
        console.print(f"{data['overwritten']} earlier events were overwritten: more --events keep more of them")
    console.print(f"{data['output']}  open it in https://ui.perfetto.dev\n{data['html']}  open it in a browser")


def _table(data: dict[str, Any]) -> "Table":
    from rich.table import Table

    table = Table("name", "kind", "in")
    for heading in ("count", "total", "running", "worst", "share"):
        table.add_column(heading, justify="right")
    for row in data["rows"]:
        table.add_row(
            row["name"],
            row["kind"],
            f"{row['context']}, priority {row['priority']}" if row["priority"] else row["context"],
            str(row["count"]),
            *(_time(row[key]) for key in ("total_us", "own_us", "worst_us")),
            f"{row['share']:.1%}",
        )
    return table


def _time(us: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms"), (1, "us")):
        if us >= size:
            return f"{us / size:.4g} {unit}"
    return f"{us * 1e3:.4g} ns"
