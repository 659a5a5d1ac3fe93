"""A byte stream to a UART of the target: bounded reads, complete writes."""

import select
import socket
import time
from enum import StrEnum
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

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        """Writes all of it. LinkClosedError; TargetError when the other end takes nothing for `timeout_s`."""

    def close(self) -> None:
        """Gives the stream back; reading or writing afterwards is an error."""


class Setting(StrEnum):
    """What a serial line has beside its bytes; the numbers are those of RFC 2217 and pyserial alike."""

    BAUD = "baud"
    """Bits per second."""

    BITS = "bits"
    """Data bits of a character, 5 to 8."""

    PARITY = "parity"
    """1 none, 2 odd, 3 even, 4 mark, 5 space."""

    STOP = "stop"
    """Stop bits: 1 one, 2 two, 3 one and a half."""

    BREAK = "break"
    """1 while the line is held at break."""

    DTR = "dtr"
    RTS = "rts"


class Line(Link, Protocol):
    """A link with a serial line behind it."""

    def configure(self, setting: Setting, value: int) -> int:
        """Changes a setting and returns the value that is in force now: a line that cannot change it keeps the old one.

        LinkClosedError; TargetError when a server does not answer.
        """


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

    def __init__(self, connected: socket.socket, name: str = "") -> None:
        """`name` is for errors: the port, where the user has named one."""
        self._socket = connected
        self._socket.setblocking(False)
        self._name = name

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
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._gone() from error
        if not data:
            raise self._gone()
        return data

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        left = memoryview(data)
        while left:
            if not self._is_ready(select.POLLOUT, timeout_s):
                raise took_nothing(self._name, timeout_s)
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._gone() from error

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """What to wait for it with."""
        return self._socket.fileno()

    def _gone(self) -> LinkClosedError:
        if not self._name:
            return LinkClosedError(GONE)
        return LinkClosedError(f"{self._name}: the server closed the connection", fix="see what the server says")

    def _is_ready(self, event: int, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._socket, event)
        return bool(poll.poll(max(timeout_s, 0) * 1000))


def took_nothing(name: str, timeout_s: float) -> TargetError:
    """The error of a target that takes no bytes; `name` is the port's, empty for an emulator."""
    where = f"{name}: " if name else ""
    return TargetError(
        f"{where}the target took nothing for {timeout_s:.3g} s",
        fix="reset it; a line with handshake (RTS/CTS) that is not wired stands still as well",
    )
