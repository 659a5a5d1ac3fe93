"""What every target offers."""

from typing import Protocol

from host_tools.link import Link


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
