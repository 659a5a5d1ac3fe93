"""How the server comes by a board: a port is opened for each client, an emulator stays the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from host_tools.link import WRITE_TIMEOUT_S, Link


class Kept:
    """A link that outlives the clients that use it."""

    def __init__(self, link: Link) -> None:
        self.read, self._link = link.read, link

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        """As the link does."""
        self._link.write(data, timeout_s)

    def fileno(self) -> int:
        """As the link has it."""
        return int(self._link.fileno())  # type: ignore[attr-defined]

    def close(self) -> None:
        """Leaves it open."""


@contextmanager
def source(
    board: str, port: str | None, say: Callable[[str], None]
) -> Iterator[tuple[Callable[[], Link], Link | None]]:
    """What opens the board, and its link where it stays open: at `port`, in the background, or a fresh emulator.

    A port is opened once at the beginning, so that a wrong one is told at once. TargetError and UsageError for it.
    """
    if port:
        from host_tools.targets.serial import open_link

        address = port
        open_link(address).close()
        yield lambda: open_link(address), None
        return
    from host_tools.targets.choose import attach

    with attach(board, None, say) as link:
        yield lambda: Kept(link), link
