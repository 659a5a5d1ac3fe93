"""A board with an RP2040, emulated by npm's rp2040js inside our own harness: see docs/rp2040.md."""

import json
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from host_tools import node
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.link import SocketLink
from host_tools.process import Word
from host_tools.targets.base import End, Ending
from host_tools.targets.bridge import Bridge
from host_tools.targets.child import dies_with_us
from host_tools.targets.rp2040_control import Control

PACKAGE, VERSION = "rp2040js", "1.4.1"
SHA512 = "Yzr5xG7ZwbtA50IYAU1k/oSoSyDAhPtT5qC/Q2eFApoLuAYE8DQbPIMPs/0kh4Ietd4P0OpKk3CIkfNqjcr56g=="
HARNESS = Path(__file__).with_name("rp2040js")
STOP_TIMEOUT_S = 5.0

Place = Mapping[str, int | str]
"""Where a line of the emulator's is: `{"fd": 5}`, a socket that it inherits, or `{"listen": path}`."""


def library(say: Callable[[str], None]) -> Path:
    """The folder of rp2040js. FailedError or MissingToolError where it cannot be had."""
    return node.package(PACKAGE, VERSION, SHA512, say)


def where() -> str:
    """Where rp2040js is, or comes from."""
    folder = node.place(PACKAGE, VERSION)
    return f"{VERSION} in {folder}" if folder.exists() else "fetched from npm by the first run"


def command(
    places: Sequence[Place],
    uf2: Path | None,
    *,
    control: Place | None = None,
    flash: Path | None = None,
    cut_after: int | None = None,
    real_time: bool = True,
    reboot: bool = True,
    jumpers: Sequence[tuple[int, int]] = (),
    gdb: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Word]:
    """The emulator's command line; `places` are those of the USB port and the two UARTs, the rest is Rp2040Target's."""
    options = {
        "library": str(library(say)),
        "uf2": str(uf2) if uf2 else None,
        "flash": str(flash) if flash else None,
        "cutAfter": cut_after,
        "realTime": real_time,
        "mayReset": reboot,
        "jumpers": list(jumpers),
        "gdb": str(gdb) if gdb else None,
        "usb": places[0],
        "uarts": places[1:],
        "control": control,
    }
    return [node.program(say), HARNESS / "main.mjs", json.dumps(options)]


def environment() -> dict[str, str]:
    """The emulator's: its real-time clock is then in UTC."""
    return {**os.environ, "TZ": "UTC"}


class Rp2040Target:
    """One emulated board, from a cold boot. Its lines are sockets that only this process holds."""

    def __init__(
        self,
        board: Board,
        uf2: Path | None,
        *,
        flash: Path | None = None,
        cut_after: int | None = None,
        real_time: bool = True,
        reboot: bool = True,
        jumpers: Sequence[tuple[int, int]] = (),
        gdb: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Starts the emulator on a UF2 file, or with None on what is in `flash` already.

        `flash`: the file in which the board's flash survives; it is made if it is not there, and a UF2 file replaces
        the sectors that it covers, as on the board. `cut_after`: the power fails in the middle of that flash operation,
        counted from 1: one erased sector or one programmed page. `real_time`: a guest that waits does so in real time;
        without it its clock jumps to the next event, and a run to which nobody talks repeats exactly. `reboot=False`
        ends the emulator where a board would reset. `jumpers`: pairs of pins, by their numbers. `gdb`: the path of a
        socket for a debugger, for which the guest waits at its first instruction.
        """
        self.name = board.name
        self._console = board.console.peripheral
        self._process: subprocess.Popen[bytes] | None = None
        self._links: dict[str, SocketLink] = {}
        self._bridges: dict[str, Bridge] = {}
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        theirs: list[socket.socket] = []

        def connect() -> tuple[socket.socket, Place]:
            ours, other = socket.socketpair()
            theirs.append(other)
            return ours, {"fd": other.fileno()}

        assert board.emulator
        places = []
        for name in board.emulator.uarts:
            ours, place = connect()
            self._links[name] = SocketLink(ours)
            places.append(place)
        ours, control = connect()
        self.control = Control(ours)
        try:
            line = command(
                places, uf2, control=control, flash=flash, cut_after=cut_after, real_time=real_time, reboot=reboot,
                jumpers=jumpers, gdb=gdb, say=say,
            )  # fmt: skip
            self._process = subprocess.Popen(
                [*dies_with_us(), *line],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                pass_fds=[other.fileno() for other in theirs],
                process_group=0,  # a Ctrl-C in the terminal is for this process, which then ends the emulator
                env=environment(),
            )
        except BaseException:
            self.close()
            raise
        finally:
            for other in theirs:
                other.close()

    @property
    def console(self) -> SocketLink:
        return self._links[self._console]

    @property
    def pid(self) -> int:
        """The emulator's process."""
        assert self._process
        return self._process.pid

    def uart(self, name: str) -> SocketLink:
        if name not in self._links:
            raise UsageError(f"{self.name}: the emulator connects {', '.join(self._links)}, not {name}")
        return self._links[name]

    def terminal(self, name: str) -> str:
        """The path of a serial device that is a UART, for programs that open one. What they do not read waits there."""
        if name not in self._bridges:
            self._bridges[name] = Bridge(self.uart(name))
        return self._bridges[name].path

    def read_word(self, address: int) -> int:
        """The 32-bit word at an address, as the core would read it."""
        return self.control.read_word(address)

    def ended(self) -> str | None:
        found = self.end(0)
        return found.words if found else None

    def end(self, timeout_s: float = STOP_TIMEOUT_S) -> End | None:
        """How it ended, None while it still runs after `timeout_s`."""
        assert self._process
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None
        if status < 0:
            return End(Ending.BROKEN, status, f"the emulator was killed by {signal.Signals(-status).name}")
        self._words.seek(0)
        return _end(status, self._words.read().decode(errors="replace"))

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        for bridge in self._bridges.values():
            bridge.close()
        self.control.close()
        for link in self._links.values():
            link.close()
        self._words.close()

    def __enter__(self) -> "Rp2040Target":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _end(status: int, said: str) -> End:
    """How it ended, as its last line on standard error says; a line that is none is Node's own complaint."""
    try:
        last = json.loads(said.splitlines()[-1])
        kind, words = str(last["kind"]), str(last["words"])
    except (IndexError, KeyError, TypeError, ValueError):
        return End(Ending.BROKEN, status, f"the emulator ended with status {status}: {said.strip()[-2000:]}")
    if kind in (Ending.FAULT, Ending.RESET, Ending.POWER_CUT, Ending.BOOT_LOADER):
        return End(Ending(kind), status, words)
    return End(Ending.BROKEN, status, f"the emulator ended: {words}")
