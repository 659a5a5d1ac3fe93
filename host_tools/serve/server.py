"""Listens, and brings one client at a time to a board; the others are told who has it."""

import select
import socket
from collections.abc import Callable
from contextlib import suppress

from host_tools.errors import CortenError, TargetError
from host_tools.link import CHUNK, Link, LinkClosedError
from host_tools.serve.client import Client, ClientLeft
from host_tools.serve.session import RawSession, Rfc2217Session, Session

POLL_S = 0.005
"""How often a board is asked for bytes whose link cannot be waited for."""

AT_ONCE = 512
"""Bytes that a client sends a board at a time: it may echo them, and somebody has to take the echo meanwhile."""

LISTEN_TIMEOUT_S = 3600.0
KEEPALIVE_S = {socket.TCP_KEEPIDLE: 10, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}
"""A client whose machine is gone is noticed within 25 s."""


class Server:
    """Serves until something raises, such as a Ctrl-C. Everything happens in the thread that calls `serve`."""

    def __init__(
        self,
        listener: socket.socket,
        open_board: Callable[[], Link],
        say: Callable[[str], None],
        *,
        raw: bool = False,
        stays: Link | None = None,
    ) -> None:
        """`open_board` is called for each client, and what it returns is closed when the client leaves.

        With `raw` bytes pass as they are, without it as RFC 2217. `stays` is the board's link where it is open all the
        time, as an emulator's: what comes while there is no client is lost, and its end is the server's.
        """
        self._listener = listener
        self._open_board = open_board
        self._say = say
        self._kind: type[RawSession | Rfc2217Session] = RawSession if raw else Rfc2217Session
        self._stays = stays

    def serve(self) -> None:
        """Takes clients, one after the other. LinkClosedError when the board is gone for good."""
        handles = [self._listener.fileno()]
        stays = _handle(self._stays) if self._stays else None
        while True:
            ready = _ready(handles if stays is None else [*handles, stays], LISTEN_TIMEOUT_S)
            if self._stays and stays in ready:
                self._stays.read(CHUNK, 0)
            if self._listener.fileno() in ready and (client := self._accept()):
                self._attend(client)

    def _accept(self) -> Client | None:
        try:
            connected, address = self._listener.accept()
        except OSError:
            return None  # the client has gone again
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE_S.items():
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
        return Client(connected, f"{address[0]}:{address[1]}")

    def _attend(self, client: Client) -> None:
        try:
            board = self._open_board()
        except CortenError as error:
            self._refuse(client, error.message)
            return
        self._say(f"{client.name} has the board")
        try:
            self._pass_on(client, board)
        except ClientLeft as error:
            self._say(error.message)
        except TargetError as error:
            self._refuse(client, error.message)
            if isinstance(error, LinkClosedError) and self._stays:
                raise
        finally:
            client.close()
            board.close()

    def _pass_on(self, client: Client, board: Link) -> None:
        session: Session = self._kind(client, board)
        handle = _handle(board)
        timeout_s = POLL_S if handle is None else LISTEN_TIMEOUT_S
        ends = [self._listener.fileno(), client.fileno()]
        while True:
            ready = _ready(ends if handle is None or session.is_suspended else [*ends, handle], timeout_s)
            if self._listener.fileno() in ready and (other := self._accept()):
                self._refuse(other, f"{client.name} uses the board")
            if client.fileno() in ready:
                session.from_client(client.read(AT_ONCE, 0))
            if not session.is_suspended and (data := board.read(CHUNK, 0)):
                session.from_board(data)

    def _refuse(self, client: Client, why: str) -> None:
        """Tells a client why, and lets it go."""
        self._say(f"{client.name} is refused: {why}")
        with suppress(TargetError):
            client.write(f"\r\n[corten serve: {why}]\r\n".encode())
        client.close()


def _ready(handles: list[int], timeout_s: float) -> set[int]:
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    return {handle for handle, _ in poll.poll(timeout_s * 1000)}


def _handle(link: Link) -> int | None:
    """What to wait for a link with, None where it has nothing."""
    try:
        return int(link.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
