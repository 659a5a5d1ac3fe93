"""The client's end of a session."""

import socket

from host_tools.errors import TargetError
from host_tools.link import WRITE_TIMEOUT_S, LinkClosedError, SocketLink


class ClientLeft(LinkClosedError):
    """It closed the connection, or its machine is gone, or it takes nothing any more."""


class Client(SocketLink):
    """A client of the server, by its address."""

    def __init__(self, connected: socket.socket, name: str) -> None:
        super().__init__(connected, name)
        self.name = name

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        try:
            super().write(data, timeout_s)
        except ClientLeft:
            raise
        except TargetError as error:
            raise ClientLeft(f"{self.name} took nothing for {timeout_s:g} s") from error

    def _gone(self) -> LinkClosedError:
        return ClientLeft(f"{self.name} has left")
