"""The client of RFC 2217: a serial port that a server offers over the network.

pyserial has one, which polls and sleeps: it takes 0.3 s to open and as much to close, and cannot bound a write.
"""

import socket
import time
from contextlib import suppress

from host_tools import rfc2217, telnet
from host_tools.errors import TargetError
from host_tools.link import CHUNK, WRITE_TIMEOUT_S, LinkClosedError, Setting, SocketLink

ANSWER_TIMEOUT_S = 5.0
RAW_FIX = "if it passes plain bytes, use socket:// in place of rfc2217://"


class Rfc2217Link:
    """A link, and a line, over a connected socket."""

    def __init__(self, connected: socket.socket, name: str, baud: int) -> None:
        """Negotiates and sets the line to `baud`, 8 data bits, no parity, 1 stop bit, with DTR and RTS on.

        TargetError when the other end refuses, or speaks something else.
        """
        self._socket = connected
        self._link = SocketLink(connected, name)
        self._name = name
        self._parser = telnet.Parser()
        ours = {telnet.BINARY, telnet.SUPPRESS_GO_AHEAD, telnet.COM_PORT}
        self._options = telnet.Options(ours, ours | {telnet.ECHO})
        self._arrived = bytearray()
        self._answers: list[bytes] = []
        self._negotiate(ours)
        for setting in (Setting.DTR, Setting.RTS):  # ser2net does not answer for a device without modem lines
            self._link.write(rfc2217.set_request(setting, 1))
        self._set_all({Setting.BAUD: baud, Setting.BITS: 8, Setting.PARITY: 1, Setting.STOP: 1})

    def read(self, size: int, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while not self._arrived:
            left = deadline - time.monotonic()
            if not self._receive(max(left, 0)) and left <= 0:
                return b""
        taken = bytes(self._arrived[:size])
        del self._arrived[:size]
        return taken

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self._link.write(telnet.escape(data), timeout_s)

    def configure(self, setting: Setting, value: int) -> int:
        return self._set_all({setting: value})[setting]

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        self._link.close()

    def fileno(self) -> int:
        """What to wait for it with; what has arrived already is to be read before."""
        return self._socket.fileno()

    def _set_all(self, wanted: dict[Setting, int]) -> dict[Setting, int]:
        """Asks for all at once, and waits for the answers: a server is slow rather than busy."""
        self._answers.clear()
        self._link.write(b"".join(rfc2217.set_request(setting, value) for setting, value in wanted.items()))
        found: dict[Setting, int] = {}
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while len(found) < len(wanted):
            left = deadline - time.monotonic()
            if left <= 0:
                missing = ", ".join(setting for setting in wanted if setting not in found)
                raise TargetError(
                    f"{self._name}: the server does not set {missing}: no answer within {ANSWER_TIMEOUT_S:g} s",
                    fix="see what the server says; end it and start it again",
                )
            self._receive(left)
            for answer in self._answers:
                for setting in wanted:
                    told = rfc2217.answered(answer, setting)
                    if told is not None:
                        found[setting] = told
            self._answers.clear()
        return found

    def _negotiate(self, ours: set[int]) -> None:
        self._link.write(self._options.offer(ours, ours))
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while telnet.COM_PORT not in self._options.agreed:
            left = deadline - time.monotonic()
            try:
                got = left > 0 and self._receive(left)
            except LinkClosedError as error:
                raise TargetError(f"{self._name}: {self._refusal()}", fix=error.fix) from error
            if telnet.COM_PORT in self._options.refused or not got:
                raise TargetError(f"{self._name}: the server does not speak RFC 2217{self._said()}", fix=RAW_FIX)

    def _refusal(self) -> str:
        return f"the server refused{self._said()}" if self._arrived else "the server closed the connection"

    def _said(self) -> str:
        said = self._arrived[:200].decode(errors="backslashreplace").strip()
        return f": {said}" if said else ""

    def _receive(self, timeout_s: float) -> bool:
        """Takes what comes next, if it comes in time."""
        data = self._link.read(CHUNK, timeout_s)
        for event in self._parser.feed(data):
            if isinstance(event, bytes):
                self._arrived += event
            elif isinstance(event, telnet.Negotiation):
                if reply := self._options.answer(event):
                    self._link.write(reply)
            elif event.option == telnet.COM_PORT:
                self._answers.append(event.value)
        return bool(data)
