"""What every method of flashing offers: why it cannot be used now, and what it would do."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from host_tools.boards import Board
from host_tools.flashers.image_file import ImageFile


@dataclass(frozen=True)
class Job:
    """What is to be flashed onto which board, and what the user said of how.

    port: the board's console, or None; volume: the folder of its boot volume, or None; folder: for files that a method
    makes of the image.
    """

    board: Board
    image: ImageFile
    port: str | None
    volume: Path | None
    folder: Path
    say: Callable[[str], None]


class Refused(Exception):
    """A method cannot be used; nothing was written. `is_absent`: because no device answers, not for a missing tool."""

    def __init__(self, reason: str, fix: str, *, is_absent: bool = False) -> None:
        super().__init__(reason, fix)
        self.reason, self.fix, self.is_absent = reason, fix, is_absent

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Plan:
    """What a method would do.

    steps: for people; commands as one would type them. write: does it; Refused before anything was written, else
    FailedError or TargetError. console: the port on which the firmware is then to be found, or None when nobody knows.
    """

    steps: tuple[str, ...]
    write: Callable[[], None]
    console: Callable[[], str | None] = lambda: None


class Method(Protocol):
    """A module of this package.

    RECOVERY: what to do when the writing was interrupted.
    """

    RECOVERY: str

    def check(self, job: Job, table: Any) -> None:
        """Raises Refused when the method cannot be used now. Looks at the machine and changes nothing."""

    def plan(self, job: Job, table: Any) -> Plan:
        """What it would do, whether it can be used or not. Touches nothing but the job's folder."""
