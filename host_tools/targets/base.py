"""What every target offers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from host_tools.link import Link


class Ending(StrEnum):
    """The ways in which an emulator ends."""

    EXIT = "exit"
    """The program ended, with a status."""

    RESET = "reset"
    """The firmware reset the board, and the emulator was asked not to follow."""

    FAULT = "fault"
    """The processor faulted, and nothing handled it."""

    POWER_CUT = "power cut"
    """The power failed in the middle of a flash operation, as was asked for."""

    BOOT_LOADER = "boot loader"
    """The board waits for firmware: it entered its boot loader, or has none to run."""

    BROKEN = "broken"
    """The emulator was killed, or could not start or go on."""


@dataclass(frozen=True)
class End:
    """How an emulator ended: `status` is its process's, `words` say it to a person.

    They are empty for a fault that the guest reports, in lines of its console that begin with FAULT: without such a
    line a program ended with the status of a fault.
    """

    kind: Ending
    status: int
    words: str


class Target(Protocol):
    """A board that runs, emulated or real. Use it as a context manager: leaving it gives everything back."""

    name: str

    @property
    def console(self) -> Link:
        """The UART with MicroPython's prompt."""

    def uart(self, name: str) -> Link:
        """The host's end of another UART, by its peripheral's name. UsageError where the target has none."""

    def ended(self) -> str | None:
        """Why the target no longer runs, or None while it does."""

    def close(self) -> None:
        """Stops an emulator, releases a port. Harmless when repeated."""

    def __enter__(self) -> "Target": ...

    def __exit__(self, *exception: object) -> None: ...


class EmulatedTarget(Target, Protocol):
    """A target that is a process of ours."""

    def end(self, timeout_s: float) -> End | None:
        """How it ended, None while it still runs after `timeout_s`."""

    def __enter__(self) -> "EmulatedTarget": ...


class WatchedTarget(EmulatedTarget, Protocol):
    """An emulator whose memory the host looks at, and whose UARTs programs of others open."""

    def read_word(self, address: int) -> int:
        """The 32-bit word at an address, as the core would read it."""

    def terminal(self, name: str) -> str:
        """The path of the serial device that is a UART, one of those that were asked for."""

    def __enter__(self) -> "WatchedTarget": ...
