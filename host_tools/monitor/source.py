"""The console that is followed: when it goes, it is waited for, and opened again."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from host_tools.errors import TargetError
from host_tools.link import CHUNK, Link, LinkClosedError

POLL_S = 0.2


class Source:
    """A console. `open_it` opens it, and is called again when it has gone; `name` is what it is called.

    A context manager, in which it is open. Entering it raises what `open_it` does.
    """

    def __init__(
        self, name: str, open_it: Callable[[], AbstractContextManager[Link]], wait_s: float, say: Callable[[str], None]
    ) -> None:
        """`wait_s`: how long to wait for one that has gone; 0 for one that does not come again."""
        self._name = name
        self._open = open_it
        self._wait_s = wait_s
        self._say = say
        self._stack = ExitStack()
        self._link: Link | None = None
        self._away_until = self._next_look = 0.0

    def read(self, timeout_s: float) -> bytes | None:
        """What came within `timeout_s`, which may be nothing; None when the console has gone and is open again.

        While it is away nothing comes; LinkClosedError when it did not come back in time.
        """
        if self._link is None:
            return self._reopened(timeout_s)
        try:
            return self._link.read(CHUNK, timeout_s)
        except LinkClosedError as error:
            self._stack.close()
            self._link = None
            if not self._wait_s:
                raise
            self._say(f"{error.message}; waiting up to {self._wait_s:g} s for {self._name}")
            self._away_until = time.monotonic() + self._wait_s
            self._next_look = time.monotonic() + POLL_S
            return b""

    def _reopened(self, timeout_s: float) -> bytes | None:
        """None when the console is open again. Looks for it every POLL_S."""
        time.sleep(max(0.0, min(timeout_s, self._next_look - time.monotonic())))
        if (now := time.monotonic()) > self._away_until:
            raise LinkClosedError(
                f"{self._name} did not come back within {self._wait_s:g} s", fix="plug it in, start again"
            )
        if now < self._next_look:
            return b""
        self._next_look = now + POLL_S
        try:
            self._link = self._stack.enter_context(self._open())
        except TargetError:
            return b""
        self._say(f"{self._name} is back")
        return None

    def __enter__(self) -> "Source":
        self._link = self._stack.enter_context(self._open())
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()
