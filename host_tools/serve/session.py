"""What a client and a board say to each other through the server: plain bytes, or RFC 2217."""

from typing import Protocol

from host_tools import rfc2217, telnet
from host_tools.link import CHUNK, Link, Setting
from host_tools.rfc2217 import Command
from host_tools.targets.serial import BAUD


class Session(Protocol):
    """One client at one board. Its methods raise what the two links raise."""

    is_suspended: bool
    """Whether the client wants to hear nothing for now."""

    def from_client(self, data: bytes) -> None:
        """Takes what the client sent."""

    def from_board(self, data: bytes) -> None:
        """Takes what the board sent."""


class RawSession:
    """Bytes, as they are."""

    is_suspended = False

    def __init__(self, client: Link, board: Link) -> None:
        self._client, self._board = client, board

    def from_client(self, data: bytes) -> None:
        self._board.write(data)

    def from_board(self, data: bytes) -> None:
        self._client.write(data)


class Rfc2217Session:
    """The server's side of RFC 2217. What a board's link cannot change, as an emulator's, is remembered and told."""

    def __init__(self, client: Link, board: Link) -> None:
        self.is_suspended = False
        self._client, self._board = client, board
        self._parser = telnet.Parser()
        both = {telnet.BINARY, telnet.SUPPRESS_GO_AHEAD}
        self._options = telnet.Options(both | {telnet.ECHO}, both | {telnet.COM_PORT})
        self._in_force = dict.fromkeys(Setting, 0) | {
            Setting.BAUD: BAUD, Setting.BITS: 8, Setting.PARITY: 1, Setting.STOP: 1, Setting.DTR: 1, Setting.RTS: 1,
        }  # fmt: skip
        client.write(self._options.offer(both, {telnet.BINARY, telnet.COM_PORT}))

    def from_client(self, data: bytes) -> None:
        for event in self._parser.feed(data):
            if isinstance(event, bytes):
                self._board.write(event)
            elif isinstance(event, telnet.Negotiation):
                self._client.write(self._options.answer(event))
            elif event.option == telnet.COM_PORT and event.value:
                self._obey(event.value[0], event.value[1:])

    def from_board(self, data: bytes) -> None:
        self._client.write(telnet.escape(data))

    def _obey(self, command: int, value: bytes) -> None:
        setting = next((known for known, number in rfc2217.COMMANDS.items() if number == command), None)
        if setting:
            now = self._change(setting, int.from_bytes(value, "big"))
            self._answer(command, now.to_bytes(4 if setting is Setting.BAUD else 1, "big"))
        elif command == Command.SET_CONTROL and value:
            self._answer(command, bytes([self._control(value[0])]))
        elif command == Command.SIGNATURE and not value:
            self._answer(command, b"corten")
        elif command in (Command.SUSPEND, Command.RESUME):
            self.is_suspended = command == Command.SUSPEND
        elif command == Command.PURGE:
            self._board.read(CHUNK, 0)
            self._answer(command, value)
        elif command in (Command.SET_LINE_STATE_MASK, Command.SET_MODEM_STATE_MASK):
            self._answer(command, value)

    def _control(self, value: int) -> int:
        """What is in force after SET_CONTROL with this value; there is no flow control."""
        found = rfc2217.control_of(value)
        if found is None:
            return rfc2217.NO_FLOW_CONTROL if value < rfc2217.INBOUND else rfc2217.NO_FLOW_CONTROL_INBOUND
        setting, wanted = found
        now = self._in_force[setting] if wanted is None else self._change(setting, wanted)
        return rfc2217.CONTROLS[setting] + (1 if now else 2)

    def _change(self, setting: Setting, value: int) -> int:
        """What is in force then. The value 0 of what has a command of its own asks."""
        if value or setting in rfc2217.CONTROLS:
            configure = getattr(self._board, "configure", None)
            self._in_force[setting] = configure(setting, value) if configure else value
        return self._in_force[setting]

    def _answer(self, command: int, value: bytes) -> None:
        self._client.write(rfc2217.said(command + rfc2217.ANSWER, value))
