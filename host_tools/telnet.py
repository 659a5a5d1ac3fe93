"""Telnet (RFC 854, 855) as far as serial ports over a network need it: data, options, and what belongs to an option."""

from dataclasses import dataclass

SE, SB, WILL, WONT, DO, DONT, IAC = 0xF0, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF
BINARY, ECHO, SUPPRESS_GO_AHEAD, COM_PORT = 0, 1, 3, 44
LONGEST_SUBNEGOTIATION = 1024
"""Bytes; RFC 2217's own are shorter but for its signature. What is longer is cut: a peer that never ends it."""

_REFUSAL = {WILL: DONT, DO: WONT}
_CONSENT = {WILL: DO, DO: WILL}
_ESCAPED = bytes([IAC, IAC])


def escape(data: bytes) -> bytes:
    """Data as it goes over the wire."""
    return data.replace(bytes([IAC]), _ESCAPED)


def subnegotiation(option: int, value: bytes) -> bytes:
    """The bytes that carry a value of an option."""
    return bytes([IAC, SB, option]) + escape(value) + bytes([IAC, SE])


@dataclass(frozen=True)
class Negotiation:
    """The peer's WILL, WONT, DO or DONT for an option."""

    verb: int
    option: int


@dataclass(frozen=True)
class Subnegotiation:
    """A value that the peer gives to an option."""

    option: int
    value: bytes


Event = bytes | Negotiation | Subnegotiation
"""What comes over the wire: data, or one of the two."""


class Parser:
    """Takes what comes apart; a piece may end anywhere. Other commands of Telnet are left out."""

    def __init__(self) -> None:
        self._in_command = b""
        self._value: bytearray | None = None

    def feed(self, data: bytes) -> list[Event]:
        """What `data` brings to its end, in order."""
        found: list[Event] = []
        data, self._in_command = self._in_command + data, b""
        for number, piece in enumerate(_pieces(data)):
            if number % 2 == 0:
                self._take(piece, found)
            elif len(piece) < _length(piece):
                self._in_command = piece
            else:
                self._command(piece, found)
        return found

    def _take(self, data: bytes, found: list[Event]) -> None:
        if not data:
            return
        if self._value is None:
            found.append(data)
        elif len(self._value) < LONGEST_SUBNEGOTIATION:
            self._value += data

    def _command(self, piece: bytes, found: list[Event]) -> None:
        code = piece[1]
        if code == IAC:
            self._take(bytes([IAC]), found)
        elif code == SB:
            self._value = bytearray()
        elif code == SE:
            if self._value:
                found.append(Subnegotiation(self._value[0], bytes(self._value[1:])))
            self._value = None
        elif len(piece) > 2:  # noqa: PLR2004 - IAC, verb, option
            found.append(Negotiation(code, piece[2]))


def _pieces(data: bytes) -> list[bytes]:
    """Data and commands in turn, beginning with data, which may be empty."""
    pieces = []
    start = 0
    while (at := data.find(IAC, start)) >= 0:
        end = at + _length(data[at : at + 2])
        pieces += [data[start:at], data[at:end]]
        start = end
    return [*pieces, data[start:]]


def _length(command: bytes) -> int:
    """Of a command whose first two bytes are given; of one that is not there yet, at least one byte more."""
    return 3 if len(command) > 1 and WILL <= command[1] <= DONT else 2


class Options:
    """Which options both ends agree on. It answers a request once, so that two such ends never go round in circles."""

    def __init__(self, ours: set[int], theirs: set[int]) -> None:
        """The options that we are willing to have on our side, and on theirs."""
        self._willing = {DO: ours, WILL: theirs}
        self._said: set[tuple[int, int]] = set()
        self.agreed: set[int] = set()
        """The options of ours that the peer has agreed to."""
        self.refused: set[int] = set()
        """The options of ours that the peer does not want."""

    def offer(self, ours: set[int], theirs: set[int]) -> bytes:
        """The bytes that ask for these."""
        words = [(WILL, option) for option in sorted(ours)] + [(DO, option) for option in sorted(theirs)]
        return b"".join(self._say(verb, option) for verb, option in words)

    def answer(self, asked: Negotiation) -> bytes:
        """The bytes to answer with, none where all is said."""
        if asked.verb == DO and asked.option in self._willing[DO]:
            self.agreed.add(asked.option)
        if asked.verb == DONT:
            self.refused.add(asked.option)
        if asked.verb not in _CONSENT:
            return b""
        is_welcome = asked.option in self._willing[asked.verb]
        return self._say((_CONSENT if is_welcome else _REFUSAL)[asked.verb], asked.option)

    def _say(self, verb: int, option: int) -> bytes:
        if (verb, option) in self._said:
            return b""
        self._said.add((verb, option))
        return bytes([IAC, verb, option])
