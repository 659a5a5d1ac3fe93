"""QEMU's qtest protocol beside a running guest: inputs, outputs and memory of the emulated board, from the host.

Devices are given by their QOM path, as the monitor's `info qom-tree` shows it; the board's file has the NVIC's. A line
of text is a command and has an answer. QEMU takes in READ_BYTES at a time, and lets the guest run between two such
portions; what is in one portion happens at one moment of the guest. A path or a line that does not exist ends QEMU.
"""

import select
import socket
from collections.abc import Iterable

from host_tools.errors import TargetError

READ_BYTES = 1024
ANSWER_TIMEOUT_S = 10.0


def level(path: str, number: int, high: bool) -> str:
    """The command that drives unnamed input `number` of the device at a QOM path."""
    return f"set_irq_in {path} unnamed-gpio-in {number} {int(high)}\n"


def pulse(path: str, number: int) -> str:
    """The commands that raise an input and lower it again, at one moment of the guest."""
    return level(path, number, high=True) + level(path, number, high=False)


def store(address: int, value: int) -> str:
    """The command that writes a 32-bit word, as the core would."""
    return f"writel {address:#x} {value & 0xFFFF_FFFF:#x}\n"


class Qtest:
    """The connection of one emulator. One thread may use it. Each answer is waited for at most ANSWER_TIMEOUT_S."""

    def __init__(self, connected: socket.socket) -> None:
        """Takes over a connected socket."""
        self._socket = connected
        self._got = b""
        self._changes: list[tuple[int, bool]] = []

    def set_level(self, path: str, number: int, high: bool) -> None:
        """Drives an unnamed input of a device."""
        self.play([level(path, number, high)])

    def pulse(self, path: str, number: int) -> None:
        """Raises an unnamed input of a device and lowers it again."""
        self.play([pulse(path, number)])

    def read_word(self, address: int) -> int:
        """The 32-bit word at a physical address, as the core would read it."""
        self._send(f"readl {address:#x}\n".encode())
        return int(self._answer().split()[1], 16) & 0xFFFF_FFFF

    def write_word(self, address: int, value: int) -> None:
        """Stores a 32-bit word at a physical address, as the core would."""
        self.play([store(address, value)])

    def play(self, moments: Iterable[str]) -> None:
        """Sends commands. Each string happens at one moment, and the guest runs until it is answered."""
        for moment in moments:
            data = moment.encode()
            if len(data) > READ_BYTES:
                raise ValueError(f"{len(data)} bytes of commands do not fit into one portion of {READ_BYTES}")
            self._send(data)
            for _ in range(data.count(b"\n")):
                self._answer()

    def watch_outputs(self, path: str) -> None:
        """Notes from now on what the unnamed outputs of a device do; QEMU can do that for one device in its life."""
        self.play([f"irq_intercept_out {path}\n"])

    def take_changes(self) -> list[tuple[int, bool]]:
        """What the watched outputs did since the last call: (number of the output, its new level), in order.

        Take them while the guest runs: some hundreds fill the connection, and the guest stops until they are taken.
        """
        self.play(["endianness\n"])
        changes, self._changes = self._changes, []
        return changes

    def close(self) -> None:
        """Ends the connection, not the emulator."""
        self._socket.close()

    def _send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise TargetError(f"the emulator takes no qtest commands: {error}") from error

    def _answer(self) -> str:
        while (line := self._line()).startswith("IRQ "):
            _, direction, number = line.split()
            self._changes.append((int(number), direction == "raise"))
        if not line.startswith("OK"):
            raise TargetError(f"the emulator refused a qtest command: {line}")
        return line

    def _line(self) -> str:
        while b"\n" not in self._got:
            if not select.select([self._socket], [], [], ANSWER_TIMEOUT_S)[0]:
                raise TargetError("the emulator does not answer a qtest command")
            try:
                data = self._socket.recv(65536)
            except OSError as error:
                raise TargetError(f"the emulator does not answer a qtest command: {error}") from error
            if not data:
                raise TargetError("the emulator ended at a qtest command: is the path right, and the line in range?")
            self._got += data
        line, _, self._got = self._got.partition(b"\n")
        return line.decode(errors="replace")
