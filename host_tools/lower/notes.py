"""What was lowered and what was not, and why: what `corten build --explain` shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One access in the source. `result`: what it was lowered to, None where it was kept, and then `reason` says why.

    `file` as the image names it; `line` from 1, `column` from 0.
    """

    file: str
    line: int
    column: int
    source: str
    result: str | None = None
    reason: str | None = None


class Kept(Exception):
    """An access stays as it is; `reason` in words that follow "because"."""

    def __init__(self, reason: str) -> None:
        """`reason` in words that follow "because"."""
        super().__init__(reason)
        self.reason = reason


class Mistaken(Exception):
    """An access fails whenever it runs; `message` is what the chip would say, `fix` what to do about it."""

    def __init__(self, message: str, fix: str) -> None:
        """`message` is what the chip would say, `fix` what to do about it."""
        super().__init__(message, fix)
        self.message = message
        self.fix = fix
