"""The control line of an emulated RP2040: its pins, its flash, its memory and its buttons, from the host."""

import json
import select
import socket
from dataclasses import dataclass
from typing import Any

from host_tools.errors import TargetError

ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Change:
    """A pin has another level since `micros` microseconds of the guest's after its last reset."""

    pin: int
    is_high: bool
    micros: float


class Control:
    """The line of one emulator. One thread may use it. TargetError when no answer comes within ANSWER_TIMEOUT_S."""

    def __init__(self, connected: socket.socket) -> None:
        """Takes over a connected socket."""
        self._socket = connected
        self._got = b""
        self._changes: list[Change] = []

    def drive(self, pin: int, level: bool | None) -> None:
        """Drives a pin from outside, or lets go of it with None. An output of the board's wins."""
        self._ask("drive", pin=pin, level=level)

    def levels(self) -> list[bool]:
        """The level of each pin."""
        return list(self._ask("levels")["levels"])

    def watch(self) -> None:
        """Notes from now on what the pins do."""
        self._ask("watch")

    def take_changes(self) -> list[Change]:
        """What the watched pins did since the last call, in order."""
        self._ask("state")
        changes, self._changes = self._changes, []
        return changes

    def read_word(self, address: int) -> int:
        """The 32-bit word at an address, as the core would read it."""
        return int(self._ask("read", address=address)["value"])

    def write_word(self, address: int, value: int) -> None:
        """Stores a 32-bit word, as the core would."""
        self._ask("write", address=address, value=value)

    def flash_operations(self) -> int:
        """How many sectors were erased and pages programmed since the start."""
        return int(self._ask("flash")["operations"])

    def cut_power_after(self, operations: int) -> None:
        """The power fails in the middle of the flash operation of that number, counted from 1 from now on."""
        self._ask("cut", after=operations)

    def send_break(self, uart: int) -> None:
        """A break arrives at UART0 or UART1."""
        self._ask("break", uart=uart)

    def set_baud(self, baud: int) -> None:
        """Sets the rate of the USB port, as a terminal program does: 1200 asks MicroPython for its boot loader."""
        self._ask("baud", baud=baud)

    def set_terminal(self, is_open: bool) -> None:
        """Opens or closes the USB port as a terminal program does, with DTR and RTS."""
        self._ask("terminal", open=is_open)

    def micros(self) -> float:
        """The guest's time since its last reset, in microseconds."""
        return float(self._ask("state")["us"])

    def reset(self) -> None:
        """The RUN pin: the board starts as after power-on; what is in its flash stays."""
        self._ask("reset")

    def close(self) -> None:
        """Ends the connection, not the emulator."""
        self._socket.close()

    def _ask(self, command: str, **values: object) -> dict[str, Any]:
        line = json.dumps({"op": command, **values}) + "\n"
        try:
            self._socket.sendall(line.encode())
            while "pin" in (answer := self._line()):
                self._changes.append(Change(answer["pin"], answer["level"], answer["us"]))
        except OSError as error:
            raise TargetError(f"the emulator takes no commands: {error}") from error
        if "error" in answer:
            raise TargetError(f"the emulator refused a command: {answer['error']}")
        return answer

    def _line(self) -> dict[str, Any]:
        while b"\n" not in self._got:
            if not select.select([self._socket], [], [], ANSWER_TIMEOUT_S)[0]:
                raise TargetError("the emulator does not answer a command")
            data = self._socket.recv(65536)
            if not data:
                raise TargetError("the emulator ended at a command")
            self._got += data
        line, _, self._got = self._got.partition(b"\n")
        return dict(json.loads(line))
