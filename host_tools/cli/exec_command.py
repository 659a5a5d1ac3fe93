"""corten exec: runs source text on a target."""

import sys

import click

from host_tools.cli import options


@click.command("exec")
@click.argument("source")
@options.board
@options.port
@options.as_json
@click.option("--soft-reset", is_flag=True, help="Soft-reset the target first.")
@click.option("--timeout", "timeout_s", default=60.0, show_default=True, help="Longest silence, in seconds.")
def command(
    source: str, board: str | None, port: str | None, as_json: bool, soft_reset: bool, timeout_s: float
) -> None:
    """Run SOURCE on a target and print what it prints. `-` reads the source from standard input.

    The target is the board at --port, else an emulator started by `corten run --detach`, else a fresh one.
    """
    from host_tools.raw_repl import RawRepl
    from host_tools.targets.choose import attach

    text = sys.stdin.read() if source == "-" else source
    with attach(options.board_name(board), port or _project_port(board), options.say) as link:
        repl = RawRepl(link)
        repl.enter()
        if soft_reset:
            repl.soft_reset()
        output, trace = repl.execute(text, timeout_s, on_output=None if as_json else _print)
        repl.leave()
    if as_json:
        import json

        click.echo(json.dumps({"output": output.decode(errors="replace"), "error": trace.decode(errors="replace")}))
    elif trace:
        click.echo(trace.decode(errors="replace").rstrip(), err=True)
    sys.exit(1 if trace else 0)


def _print(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _project_port(board: str | None) -> str | None:
    from host_tools import project

    return None if board else project.settings().port
