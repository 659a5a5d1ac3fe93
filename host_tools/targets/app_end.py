"""Where an app ends on a port of MicroPython's own, which has no other sign of it than its prompt.

The app's output goes on until MicroPython says who it is and prompts; what it says then is not the app's.
"""

import re

_BANNER = re.compile(rb"MicroPython v[^\r\n]*\r\n[^\r\n]*help\(\)[^\r\n]*\r\n>>> $")
_BEGINS = re.compile(rb"(?:^|(?<=\n))MicroPython v[^\r\n]*(?:\r(?:\n[^\r\n]{0,80}(?:\r(?:\n>{0,3})?)?)?)?$")
_SOFT_RESET = b"MPY: soft reboot\r\n"
_STARTS = (b"MicroPython v", _SOFT_RESET)
_TRACEBACK = re.compile(rb"Traceback \(most recent call last\):\r?\n(?:  [^\n]*\n)+\S[^\n]*\r?\n\s*$")


class AppOutput:
    """Takes apart what the console says from the start on."""

    def __init__(self) -> None:
        self._kept = b""
        self.at_prompt = False
        """The app has ended, and MicroPython prompts."""
        self.soft_reset = False
        """The app has ended with SystemExit, and MicroPython starts it again: its status is lost."""

    @property
    def has_ended(self) -> bool:
        """Whether the app has."""
        return self.at_prompt or self.soft_reset

    def take(self, data: bytes) -> bytes:
        """What of it, and of what was kept back before, is surely the app's."""
        seen = self._kept + data
        if found := _BANNER.search(seen):
            self.at_prompt, self._kept = True, b""
            return seen[: found.start()]
        before, mark, _ = seen.partition(_SOFT_RESET)
        if mark:
            self.soft_reset, self._kept = True, b""
            return before
        cut = len(seen) - _kept_back(seen)
        shown, self._kept = seen[:cut], seen[cut:]
        return shown

    def rest(self) -> bytes:
        """What was kept back, when no more comes."""
        kept, self._kept = self._kept, b""
        return kept


def ends_in_traceback(output: bytes) -> bool:
    """Whether the last that an app said is that of an exception that nobody caught."""
    return _TRACEBACK.search(output) is not None


def _kept_back(seen: bytes) -> int:
    """How many of the last bytes may be the beginning of what is not the app's."""
    if found := _BEGINS.search(seen):
        return len(seen) - found.start()
    line = seen[seen.rfind(b"\n") + 1 :]
    return len(line) if line and any(start.startswith(line) for start in _STARTS) else 0
