"""A board with an RP2040, emulated by npm's rp2040js inside our own harness: see docs/rp2040.md."""

import json
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from host_tools import node
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.link import SocketLink
from host_tools.targets.qemu import dies_with_us

VERSION = "1.4.1"
SHA512 = "Yzr5xG7ZwbtA50IYAU1k/oSoSyDAhPtT5qC/Q2eFApoLuAYE8DQbPIMPs/0kh4Ietd4P0OpKk3CIkfNqjcr56g=="
HARNESS = Path(__file__).with_name("rp2040js")
STOP_TIMEOUT_S = 5.0
CONSOLE = "USB"


def library(say: Callable[[str], None]) -> Path:
    """The folder of rp2040js."""
    return node.package("rp2040js", VERSION, SHA512, say)


class Rp2040Target:
    """One emulated board, from a cold boot. Its lines are sockets that only this process holds."""

    def __init__(
        self,
        board: Board,
        uf2: Path | None,
        *,
        flash: Path | None = None,
        cut_after: int | None = None,
        real_time: bool = False,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.name = board.name
        self._board = board
        self._process: subprocess.Popen[bytes] | None = None
        self._links: dict[str, SocketLink] = {}
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        theirs: list[socket.socket] = []

        def connect(name: str) -> dict[str, int]:
            ours, other = socket.socketpair()
            theirs.append(other)
            self._links[name] = SocketLink(ours)
            return {"fd": other.fileno()}

        options = {
            "library": str(library(say)),
            "uf2": str(uf2) if uf2 else None,
            "flash": str(flash) if flash else None,
            "cutAfter": cut_after,
            "realTime": real_time,
            "mayReset": True,
            "jumpers": [],
            "usb": connect(CONSOLE),
            "uarts": [connect("UART0"), connect("UART1")],
            "control": connect("control"),
        }
        try:
            self._process = subprocess.Popen(
                [*dies_with_us(), str(node.program(say)), str(HARNESS / "main.mjs"), json.dumps(options)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                pass_fds=[other.fileno() for other in theirs],
                process_group=0,  # a Ctrl-C in the terminal is for this process, which then ends the emulator
            )
        except BaseException:
            self.close()
            raise
        finally:
            for other in theirs:
                other.close()

    @property
    def console(self) -> SocketLink:
        return self._links[CONSOLE]

    def uart(self, name: str) -> SocketLink:
        if name not in self._links:
            raise UsageError(f"{self.name}: the emulator connects {', '.join(self._links)}, not {name}")
        return self._links[name]

    def status(self, timeout_s: float = STOP_TIMEOUT_S) -> int | None:
        """The emulator's exit status, negative for a signal; None while it still runs after `timeout_s`."""
        assert self._process
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def ended(self) -> str | None:
        status = self.status(0)
        if status is None:
            return None
        if status < 0:
            return f"the emulator was killed by {signal.Signals(-status).name}"
        self._words.seek(0)
        return self._words.read().decode(errors="replace")

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        for link in self._links.values():
            link.close()
        self._words.close()

    def __enter__(self) -> "Rp2040Target":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
