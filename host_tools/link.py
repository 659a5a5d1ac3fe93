"""A byte stream to a UART of the target: bounded reads, complete writes."""

import select
import socket
import time
from typing import Protocol

from host_tools.errors import TargetError

CHUNK = 65536
WRITE_TIMEOUT_S = 10.0
GONE = "the target's console is gone"


class LinkClosedError(TargetError):
    """The other end is gone: the emulator ended, or the device was unplugged."""


class Link(Protocol):
    """What a console or another UART of a target offers; one reader and one writer."""

    def read(self, size: int, timeout_s: float) -> bytes:
        """Up to `size` bytes as soon as there are any; empty when none came within `timeout_s`. LinkClosedError."""

    def write(self, data: bytes) -> None:
        """Writes all of it. LinkClosedError; TargetError when the other end takes nothing for WRITE_TIMEOUT_S."""

    def close(self) -> None:
        """Gives the stream back; reading or writing afterwards is an error."""


def read_until(link: Link, ending: bytes, timeout_s: float) -> bytes:
    """Reads up to and including `ending`; TargetError with what did arrive when it is not there in time.

    What arrives together with `ending`, behind it, is returned as well: a peer that waits for an answer sends nothing.
    """
    deadline = time.monotonic() + timeout_s
    got = b""
    while ending not in got:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TargetError(f"waited {timeout_s:g} s for {ending!r}, got {got[-400:]!r}")
        got += link.read(CHUNK, left)
    return got


class SocketLink:
    """A link over a connected socket. One thread may read while another writes."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._socket.setblocking(False)

    @classmethod
    def connect(cls, path: str) -> "SocketLink":
        """A link to the Unix socket at `path`; OSError when nothing listens there."""
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connected.connect(path)
        except OSError:
            connected.close()
            raise
        return cls(connected)

    def read(self, size: int, timeout_s: float) -> bytes:
        if not self._is_ready(select.POLLIN, timeout_s):
            return b""
        try:
            data = self._socket.recv(size)
        except ConnectionError as error:
            raise LinkClosedError(GONE) from error
        if not data:
            raise LinkClosedError(GONE)
        return data

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            if not self._is_ready(select.POLLOUT, WRITE_TIMEOUT_S):
                raise TargetError(f"the target took nothing for {WRITE_TIMEOUT_S:g} s")
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                continue
            except ConnectionError as error:
                raise LinkClosedError(GONE) from error

    def close(self) -> None:
        self._socket.close()

    def _is_ready(self, event: int, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._socket, event)
        return bool(poll.poll(max(timeout_s, 0) * 1000))
