"""A board emulated by QEMU."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache

from host_tools.boards import Board, QemuEmulator
from host_tools.build import Image
from host_tools.errors import MissingToolError, UsageError
from host_tools.link import SocketLink
from host_tools.process import Word
from host_tools.targets import version
from host_tools.targets.base import End, Ending
from host_tools.targets.child import dies_with_us
from host_tools.targets.monitor import Monitor
from host_tools.targets.qtest import Qtest
from host_tools.targets.terminal import Terminal
from host_tools.targets.version import PROGRAM

STOP_TIMEOUT_S = 5.0
FAULT_STATUS = 70

EXACT = "shift=0"
"""For `icount`: one guest instruction is one nanosecond of guest time; a guest that waits does so in real time."""

EXACT_ALONE = "shift=0,sleep=off"
"""The same for a guest that nobody talks to: its clock jumps to the next event when it waits. A run repeats exactly."""

NO_CHARACTER = 256
"""As the character that begins a command to the emulator, which a multiplexed character device looks for."""


_installed = cache(version.installed)


def emulator_of(board: Board) -> QemuEmulator:
    """How `board` is emulated. UsageError when it is not, MissingToolError when the QEMU at hand is too old for it."""
    if board.emulator is None:
        raise UsageError(f"{board.name} has no emulator", fix="give --port to use a real one")
    if not isinstance(board.emulator, QemuEmulator):
        raise UsageError(f"{board.name} runs in {board.emulator.type}, and this needs QEMU", fix="name another board")
    have = _installed()
    if version.numbers(have) < version.numbers(board.emulator.min_version):
        raise MissingToolError(
            f"{board.name} needs QEMU {board.emulator.min_version} or later, {PROGRAM} is {have}",
            fix=f"corten doctor --fix --board {board.name}",
        )
    return board.emulator


def machine_arguments(image: Image, arguments: Sequence[str] = (), *, icount: str | None) -> list[str]:
    """The emulator's command line for an image, up to its character devices.

    With `icount`, EXACT or EXACT_ALONE, a busy host slows the guest's clock with the guest. Without it the guest's
    clock is the host's: waiting costs the host less, and a busy host may lose ticks of the guest's.
    """
    words = ",".join(f"arg={word}" for word in ("corten", *arguments))
    command = [
        PROGRAM, "-machine", emulator_of(image.board).machine, "-kernel", str(image.elf),
        "-nodefaults", "-display", "none", "-semihosting-config", f"enable=on,target=native,{words}",
    ]  # fmt: skip
    return [*command, "-icount", icount] if icount else command


def background(image: Image, sockets: dict[str, str], devices: Sequence[str]) -> list[Word]:
    """The command line of an emulator that outlives this process: its UARTs are sockets at paths, or serial devices.

    With serial devices the guest's clock is that of its instructions.
    """
    command: list[Word] = [*machine_arguments(image, icount=EXACT if devices else None)]
    for name, path in sockets.items():
        backend = f"pty,id={name}" if name in devices else f"socket,id={name},path={path},server=on,wait=off"
        command += ["-chardev", backend, "-serial", f"chardev:{name}"]
    return command


class QemuTarget:
    """One emulator, from a cold boot. Its UARTs and its monitor are sockets that only this process holds."""

    def __init__(
        self,
        image: Image,
        *,
        arguments: Sequence[str] = (),
        options: Sequence[str] = (),
        icount: str | None = None,
        reboot: bool = True,
        monitor: bool = False,
        qtest: bool = False,
        terminals: Sequence[str] = (),
        read_ahead: bool = False,
    ) -> None:
        """Starts the emulator. `arguments` are the guest's, `reboot=False` ends the emulator where a board would reset.

        `icount` is explained at `machine_arguments`, `options` are more words for the emulator's command line,
        `monitor` connects QEMU's monitor, `qtest` what drives its inputs, and `terminals` are UARTs that programs of
        others open as serial devices, in place of our sockets: see `terminal`. They need the monitor. `read_ahead` lets
        each UART fetch up to 32 bytes before the guest asks, so that not each byte waits for another of QEMU's threads.
        """
        self.name = image.board.name
        self._board = image.board
        self._reboots = reboot
        self._process: subprocess.Popen[bytes] | None = None
        self._links: dict[str, SocketLink] = {}
        self._control: Monitor | None = None
        self._inputs: Qtest | None = None
        self._terminals: dict[str, Terminal] = {}
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        command = [*machine_arguments(image, arguments, icount=icount), *options]
        if not reboot:
            command.append("-no-reboot")
        try:
            self._start(command, monitor, qtest, terminals, ",mux=on" if read_ahead else "")
            for name in terminals:
                self._terminals[name] = Terminal(self.monitor.device_of(name))
        except BaseException:
            self.close()
            raise

    @property
    def console(self) -> SocketLink:
        return self._links[self._board.console.peripheral]

    @property
    def monitor(self) -> Monitor:
        """QEMU's monitor, when it was asked for."""
        assert self._control, "start the target with monitor=True"
        return self._control

    @property
    def qtest(self) -> Qtest:
        """What drives the emulator's inputs, when it was asked for."""
        assert self._inputs, "start the target with qtest=True"
        return self._inputs

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
        """The path of the serial device of a UART that was asked for as a terminal."""
        return self._terminals[name].path

    def read_word(self, address: int) -> int:
        """The 32-bit word at an address. The target was started with a monitor."""
        return self.monitor.read_word(address)

    def status(self, timeout_s: float = STOP_TIMEOUT_S) -> int | None:
        """The emulator's exit status, negative for a signal; None while it still runs after `timeout_s`."""
        assert self._process
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def ended(self) -> str | None:
        found = self.end(0)
        return (found.words or "the processor faulted") if found else None

    def end(self, timeout_s: float = STOP_TIMEOUT_S) -> End | None:
        """How it ended, None while it still runs after `timeout_s`. 0 without a reboot is a reset's, too."""
        status = self.status(timeout_s)
        if status is None:
            return None
        if status < 0:
            return End(Ending.BROKEN, status, f"the emulator was killed by {signal.Signals(-status).name}")
        if words := self.words():
            return End(Ending.BROKEN, status, f"the emulator ended: {words}")
        if status == FAULT_STATUS:
            return End(Ending.FAULT, status, "")
        kind = Ending.RESET if status == 0 and not self._reboots else Ending.EXIT
        return End(kind, status, f"the emulator ended with status {status}")

    def words(self) -> str:
        """Why the emulator itself could not start or go on, as it said; empty when it did not complain."""
        self._words.seek(0)
        said = self._words.read().decode(errors="replace").splitlines()
        prefix = f"{PROGRAM}: "
        complaints = [line for line in said if line.startswith(prefix) and not line.startswith(f"{prefix}warning: ")]
        return "\n".join(line.removeprefix(prefix) for line in complaints)

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        if self._control:
            self._control.close()
            self._control = None
        if self._inputs:
            self._inputs.close()
            self._inputs = None
        for link in self._links.values():
            link.close()
        for terminal in self._terminals.values():
            terminal.close()
        self._words.close()

    def __enter__(self) -> "QemuTarget":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(
        self, command: list[str], monitor: bool, qtest: bool, terminals: Sequence[str], uart_options: str
    ) -> None:
        emulator = emulator_of(self._board)
        theirs: list[socket.socket] = []

        def connect(name: str, options: str = "") -> socket.socket:
            ours, other = socket.socketpair()
            theirs.append(other)
            command.extend(["-chardev", f"socket,id={name},fd={other.fileno()}{options}"])
            return ours

        command.extend(["-echr", str(NO_CHARACTER)])
        for name in emulator.uarts:
            if name in terminals:
                command.extend(["-chardev", f"pty,id={name}{uart_options}"])
            else:
                self._links[name] = SocketLink(connect(name, uart_options))
            command.extend(["-serial", f"chardev:{name}"])
        control = connect("monitor") if monitor else None
        if control:
            command.extend(["-mon", "chardev=monitor,mode=control"])
        inputs = connect("qtest") if qtest else None
        if inputs:
            command.extend(["-accel", "tcg", "-qtest", "chardev:qtest", "-qtest-log", "none"])
            self._inputs = Qtest(inputs)
        try:
            self._process = subprocess.Popen(
                [*dies_with_us(), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._words,
                pass_fds=[other.fileno() for other in theirs],
                process_group=0,  # a Ctrl-C in the terminal is for this process, which then ends the emulator
            )
        finally:
            for other in theirs:
                other.close()
        if control:
            self._control = Monitor(control)
