"""corten serve: a local board over the network."""

import os
import socket
from ipaddress import ip_address

import click

from host_tools.cli import options
from host_tools.errors import UsageError

LISTEN = "127.0.0.1:2217"


@click.command("serve")
@options.board
@options.port
@click.option("--listen", default=LISTEN, show_default=True, metavar="HOST:PORT", help="Where; port 0: any free one.")
@click.option("--raw", is_flag=True, help="Plain bytes, for socket://, in place of RFC 2217.")
@options.as_json
def command(board: str | None, port: str | None, listen: str, raw: bool, as_json: bool) -> None:
    """Offer a board to other machines, for --port rfc2217://HOST:PORT, until Ctrl-C.

    The board is the one at --port, else an emulator started by `corten run --detach`, else a fresh one. It has one
    client at a time; between clients a port is closed. With RFC 2217 a client sets the baud rate, DTR, RTS and the
    break as well. There is no authentication: who reaches the address has the board.
    """
    name = options.board_name(board)
    address = options.port_name(port, board)
    try:
        _serve(name, address, listen, raw, as_json)
    except KeyboardInterrupt:
        options.say(f"{address or name} is no longer served")


def _serve(name: str, address: str | None, listen: str, raw: bool, as_json: bool) -> None:
    from host_tools.serve.board import source
    from host_tools.serve.server import Server

    with _listener(listen) as listener, source(name, address, options.say) as (open_board, stays):
        host, number = listener.getsockname()[:2]
        url = f"{'socket' if raw else 'rfc2217'}://{_spelled(_reached_as(host))}:{number}"
        data = {"board": address or name, "url": url}
        options.show(as_json, data, lambda: _explain(address or name, host, number, url))
        Server(listener, open_board, options.say, raw=raw, stays=stays).serve()


def _listener(listen: str) -> socket.socket:
    host, colon, number = listen.rpartition(":")
    if not (colon and host and number.isdigit() and int(number) < 1 << 16):
        raise UsageError(f"{listen}: this is no address to listen at", fix=f"give HOST:PORT, as {LISTEN}")
    host = host.strip("[]")
    try:
        family = socket.getaddrinfo(host, int(number), type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, int(number)), family=family)
    except OSError as error:
        cause = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        fix = f"end the program that uses it, or take any free port: --listen {host}:0"
        raise UsageError(f"{listen}: cannot listen there: {cause}", fix=fix) from error


def _reached_as(host: str) -> str:
    """The address that others type: of all addresses of this machine, its name."""
    return socket.gethostname() if ip_address(host).is_unspecified else host


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _explain(board: str, host: str, number: int, url: str) -> None:
    click.echo(f"{board} is served at {url}, to one client at a time; Ctrl-C ends it")
    here = socket.gethostname()
    if ip_address(host).is_loopback:
        click.echo(f"from another machine:  ssh -N -L {number}:{_spelled(host)}:{number} {here}  and there, beside it:")
    else:
        options.say(
            f"whoever reaches {here}:{number} has the board, without a password\n"
            f"  safer: corten serve --listen 127.0.0.1:{number}, and on the other machine"
            f" ssh -N -L {number}:127.0.0.1:{number} {here}"
        )
    click.echo(f"  corten repl --port {url}")
