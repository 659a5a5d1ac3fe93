"""Follows a console until something is seen, the time is over, or somebody leaves."""

import re
import time
from collections.abc import Callable, Iterable

from host_tools.errors import TargetError
from host_tools.link import LinkClosedError
from host_tools.monitor.said import Said
from host_tools.monitor.source import Source
from host_tools.monitor.splitter import Splitter

LOOK_S = 0.05
PAUSE_S = 0.3
"""After so long without a byte, a line without its end is shown."""
_KEPT_LINES = 5


class Follower:
    """Shows each line of a console with `show`, up to one in which `until` is found."""

    def __init__(
        self, source: Source, splitter: Splitter, show: Callable[[Said], None], until: re.Pattern[str] | None
    ) -> None:
        self._source = source
        self._splitter = splitter
        self._show = show
        self._until = until
        self._last: list[str] = []
        self._spoke_at = time.monotonic()
        self._end: LinkClosedError | None = None

    def run(self, is_left: Callable[[], bool], timeout_s: float | None = None) -> None:
        """Returns when `until` was seen, at the end of `timeout_s` where nothing was to be seen, or when it is left.

        TargetError when what was to be seen was not seen in time, LinkClosedError when the console has gone for good.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while not is_left():
            left_s = LOOK_S if deadline is None else min(LOOK_S, deadline - time.monotonic())
            if left_s > 0:
                if self._is_seen(self._read(left_s)):
                    return
                if self._end:
                    raise self._end
            elif self._is_seen(self._splitter.pause()) or self._until is None:
                return
            else:
                raise TargetError(
                    f"waited {timeout_s:g} s for {self._until.pattern!r}; the last lines: {self._last}",
                    fix="give it a longer --timeout; where nothing came at all, see whether this is its console",
                )

    def _read(self, timeout_s: float) -> Iterable[Said]:
        """The lines that end now."""
        try:
            data = self._source.read(timeout_s)
        except LinkClosedError as error:
            self._end = error
            return self._splitter.pause()
        if data:
            self._spoke_at = time.monotonic()
            return self._splitter.take(data)
        if data is None:
            self._splitter.restart()
        return self._splitter.pause() if time.monotonic() - self._spoke_at > PAUSE_S else []

    def _is_seen(self, lines: Iterable[Said]) -> bool:
        for said in lines:
            self._show(said)
            self._last = [*self._last[1 - _KEPT_LINES :], said.text]
            if self._until and self._until.search(said.text):
                return True
        return False
