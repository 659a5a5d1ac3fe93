"""Ports that misbehave: pseudo-terminals with something odd behind them, described as data.

What is behind a port is either a small script (`Says`, `Echoes`, `Floods`, …) or an emulated board: in an odd state
(`Board(b"…")` is what was typed at it before), and with faults on its line (`Delay`, `Lose`, `Garble`, …).
"""

import os
import select
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.link import read_until
from host_tools.targets.qemu import QemuTarget

PIECE = 4096
TICK_S = 0.005
FULL = 10
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


class Wire:
    """The far end of a port: a pseudo-terminal at `path`, which may vanish and come back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ready, self.ended = threading.Event(), threading.Event()
        self.is_there = False
        self.appear()

    def appear(self) -> None:
        """As when the device is plugged in."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path.symlink_to(os.ttyname(self._slave))
        self.is_there = True

    def vanish(self) -> None:
        """As when it is unplugged."""
        if self.is_there:
            self.path.unlink()
            os.close(self._master)
            os.close(self._slave)
            self.is_there = False

    def read(self, timeout_s: float = TICK_S) -> bytes:
        """What the host sent, empty when there is nothing in time."""
        if not self.is_there:
            self.ended.wait(timeout_s)
            return b""
        if not select.select([self._master], [], [], timeout_s)[0]:
            return b""
        return os.read(self._master, PIECE)

    def write(self, data: bytes) -> None:
        """Sends as much as the host's buffer takes; the rest is lost, as on a line without handshake."""
        if self.is_there:
            with suppress(BlockingIOError):
                os.write(self._master, data)

    def fill(self) -> None:
        """Makes it take no more from the host. The kernel moves what it took, and then takes a little more."""
        os.set_blocking(self._slave, False)
        refused = 0
        while refused < FULL:
            try:
                os.write(self._slave, b"x")
                refused = 0
            except BlockingIOError:
                refused += 1
                time.sleep(TICK_S)


class Behind(Protocol):
    """What is behind a port."""

    def play(self, wire: Wire) -> None:
        """Goes on until `wire.ended`; sets `wire.ready` when a command may begin."""


@dataclass(frozen=True)
class Says:
    """Answers each piece with the same words: none, a boot loader's prompt, a program's."""

    words: bytes = b""

    def play(self, wire: Wire) -> None:
        wire.ready.set()
        while not wire.ended.is_set():
            if wire.read() and self.words:
                wire.write(self.words)


@dataclass(frozen=True)
class Echoes:
    """Sends back what it is sent: a looped-back line."""

    def play(self, wire: Wire) -> None:
        wire.ready.set()
        while not wire.ended.is_set():
            wire.write(wire.read())


@dataclass(frozen=True)
class Floods:
    """Sends without an end, whatever it is sent."""

    words: bytes

    def play(self, wire: Wire) -> None:
        wire.ready.set()
        while not wire.ended.is_set():
            wire.write(self.words)
            wire.read(0.001)


@dataclass(frozen=True)
class TakesNothing:
    """Its buffer is full: every write blocks."""

    def play(self, wire: Wire) -> None:
        wire.fill()
        wire.ready.set()
        wire.ended.wait()


@dataclass(frozen=True)
class Vanishes:
    """Is unplugged when the host has sent something, and comes back, without its REPL, after `back_s`, if at all."""

    back_s: float | None = None

    def play(self, wire: Wire) -> None:
        wire.ready.set()
        while not wire.ended.is_set() and not wire.read():
            pass
        wire.vanish()
        if self.back_s is not None and not wire.ended.wait(self.back_s):
            wire.appear()
            Says().play(wire)
        wire.ended.wait()


class Fault(Protocol):
    """Something that happens on the line of a board. One object a port: it may count."""

    def to_host(self, data: bytes, line: "Line") -> bytes:
        """What arrives of what the board sent."""

    def to_board(self, data: bytes, line: "Line") -> bytes:
        """What arrives of what the host sent."""


@dataclass
class Delay:
    """Each piece takes this long."""

    seconds: float

    def to_host(self, data: bytes, line: "Line") -> bytes:
        time.sleep(self.seconds)
        return data

    def to_board(self, data: bytes, line: "Line") -> bytes:
        time.sleep(self.seconds)
        return data


@dataclass
class Lose:
    """Of the bytes in a direction, counted from 0, those from `first` on are lost, `count` of them."""

    direction: str
    first: int
    count: int = 1
    _seen: int = 0

    def to_host(self, data: bytes, line: "Line") -> bytes:
        return self._pass(data) if self.direction == "to_host" else data

    def to_board(self, data: bytes, line: "Line") -> bytes:
        return self._pass(data) if self.direction == "to_board" else data

    def _pass(self, data: bytes) -> bytes:
        start = self.first - self._seen
        self._seen += len(data)
        return data[: max(start, 0)] + data[max(start + self.count, 0) :]


@dataclass
class Garble:
    """Bytes to the host are of another baud rate: wrong, one for one."""

    first: int = 0
    _seen: int = 0

    def to_host(self, data: bytes, line: "Line") -> bytes:
        start = max(self.first - self._seen, 0)
        self._seen += len(data)
        return data[:start] + bytes((byte * 37 ^ 0xA5) & 0xFF | 0x80 for byte in data[start:])

    def to_board(self, data: bytes, line: "Line") -> bytes:
        return data


@dataclass
class Insert:
    """Puts bytes between what the board sends, after as many."""

    noise: bytes
    after: int
    _seen: int = 0

    def to_host(self, data: bytes, line: "Line") -> bytes:
        at = self.after - self._seen
        self._seen += len(data)
        return data[:at] + self.noise + data[at:] if 0 <= at < len(data) else data

    def to_board(self, data: bytes, line: "Line") -> bytes:
        return data


@dataclass
class On:
    """Does something to the board once the host has been sent a text: `reset` it, or `vanish` with it."""

    text: bytes
    deed: str
    _seen: bytes = b""

    def to_host(self, data: bytes, line: "Line") -> bytes:
        before, self._seen = self._seen, self._seen + data
        if self.text in self._seen and self.text not in before:
            line.do(self.deed)
        return data

    def to_board(self, data: bytes, line: "Line") -> bytes:
        return data


@dataclass
class After:
    """Does something to the board once the host has been sent so many bytes: `reset` it, or `vanish` with it."""

    count: int
    deed: str
    _seen: int = 0

    def to_host(self, data: bytes, line: "Line") -> bytes:
        before, self._seen = self._seen, self._seen + len(data)
        if before < self.count <= self._seen:
            line.do(self.deed)
        return data

    def to_board(self, data: bytes, line: "Line") -> bytes:
        return data


class Line:
    """Between a port and an emulated board."""

    def __init__(self, wire: Wire, board: QemuTarget) -> None:
        self._wire, self._board = wire, board
        self._then = ""

    def do(self, deed: str) -> None:
        """Does it once what is on its way has arrived."""
        self._then = deed

    def run(self, faults: Sequence[Fault]) -> None:
        """Passes bytes on until the wire's end."""
        while not self._wire.ended.is_set():
            sent = self._wire.read(0)
            for fault in faults:
                sent = fault.to_board(sent, self) if sent else b""
            self._board.console.write(sent)
            got = self._board.console.read(PIECE, TICK_S)
            for fault in faults:
                got = fault.to_host(got, self) if got else b""
            self._wire.write(got)
            if self._then == "reset":
                self._board.monitor.command("system_reset")
            elif self._then == "vanish":
                self._wire.vanish()
            self._then = ""


@dataclass(frozen=True)
class Board:
    """An emulated board, at which `typed` was typed before, and whose answer to it ends with `until`."""

    image: Image
    typed: bytes = b""
    until: bytes = b""
    faults: tuple[Fault, ...] = ()

    def play(self, wire: Wire) -> None:
        with QemuTarget(self.image, monitor=True) as board:
            read_until(board.console, b">>> ", STOP_TIMEOUT_S)
            board.console.write(self.typed)
            read_until(board.console, self.until, STOP_TIMEOUT_S)
            board.console.read(PIECE, 0.1)
            wire.ready.set()
            with suppress(TargetError):  # a command ended the board
                Line(wire, board).run(self.faults)
            wire.vanish()


@contextmanager
def port(behind: Behind, path: Path) -> Iterator[Path]:
    """The port, while the context lasts."""
    wire = Wire(path)
    thread = threading.Thread(target=_play, args=(behind, wire))
    thread.start()
    try:
        assert wire.ready.wait(START_TIMEOUT_S), "the board did not come up"
        yield path
    finally:
        wire.ended.set()
        thread.join(STOP_TIMEOUT_S)
        wire.vanish()
        assert not thread.is_alive(), f"{behind} does not end"


def _play(behind: Behind, wire: Wire) -> None:
    with suppress(OSError):  # the device has vanished in the middle
        behind.play(wire)
