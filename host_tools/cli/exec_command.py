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
    Exit status 1 when SOURCE raises an exception. SystemExit is no exception: it soft-resets the target.
    """
    from host_tools.raw_repl import ENTER_TIMEOUT_S, RawRepl, SoftResetError
    from host_tools.targets.choose import attach

    text = options.program_text(None) if source == "-" else source
    output, trace = b"", b""
    with attach(options.board_name(board), options.port_name(port, board), options.say) as link:
        repl = RawRepl(link)
        repl.enter(min(timeout_s, ENTER_TIMEOUT_S))
        if soft_reset:
            repl.soft_reset()
        try:
            output, trace = repl.execute(text, timeout_s, on_output=None if as_json else options.write)
        except SoftResetError as error:
            output = error.output
        repl.leave()
    if as_json:
        import json

        click.echo(json.dumps({"output": output.decode(errors="replace"), "error": trace.decode(errors="replace")}))
    elif trace:
        click.echo(trace.decode(errors="replace").rstrip(), err=True)
    sys.exit(1 if trace else 0)
