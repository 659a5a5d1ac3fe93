"""A target test: a MicroPython file whose first comment lines say what it needs.

# needs: timer, uart        capabilities that the board must declare
# timeout: 30               seconds of wall time in QEMU, 10 where not given
# link: uart                the sibling <name>_host.py talks to this capability's UART from the host
# jumper: loop              a jumper of wiring/<board>.toml connects two pins, whose names are the global JUMPER
# soft_reset: 2             how often it runs, a soft reset between; the global RUN counts from 0
"""

import re
from dataclasses import dataclass
from pathlib import Path

from host_tools.boards import CAPABILITIES, Board
from host_tools.errors import UsageError
from host_tools.testing.wiring import Jumper, jumper

DEFAULT_TIMEOUT_S = 10.0
HOST_SUFFIX = "_host.py"
_DIRECTIVE = re.compile(r"# (needs|timeout|link|jumper|soft_reset): *(.*)")


@dataclass(frozen=True)
class Case:
    """One target test, as its header declares it."""

    path: Path
    needs: tuple[str, ...] = ()
    timeout_s: float = DEFAULT_TIMEOUT_S
    link: str | None = None
    jumper: str | None = None
    runs: int = 1

    @property
    def host_path(self) -> Path:
        """The file with the host's side of a linked test."""
        return self.path.with_name(self.path.stem + HOST_SUFFIX)

    def excluded_on(self, board: Board, *, wired: bool) -> str | None:
        """Why the test is not for `board`, or None when it is. `wired`: emulated, the host reaches its UARTs."""
        for need in self.needs:
            if reason := board.lacks(need, emulated=wired):
                return f"{need}: {reason}"
        if self.link and not wired:
            return f"{self.link}: only the console is connected"
        if self.jumper:
            found = self.jumper_on(board)
            if found is None or (wired and not found.is_played_on(board)):
                return f"jumper {self.jumper}: there is none between pins of this board"
        return None

    def jumper_on(self, board: Board) -> Jumper | None:
        """What connects two pins of `board` for this test, None where nothing does or needs to."""
        return jumper(self.path.parent, board.name, self.jumper) if self.jumper else None


def read_case(path: Path) -> Case:
    """Reads a test's header. UsageError, with the line, for one that is wrong."""
    given: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.startswith("#"):
            break
        found = _DIRECTIVE.fullmatch(line.rstrip())
        if found:
            given[found[1]] = found[2]
            _check(path, number, found[1], found[2])
    link = given.get("link")
    needs = tuple(name.strip() for name in given.get("needs", "").split(",") if name.strip())
    if link and link not in needs:
        needs = (*needs, link)
    return Case(
        path,
        needs,
        float(given.get("timeout", DEFAULT_TIMEOUT_S)),
        link,
        given.get("jumper"),
        int(given.get("soft_reset", 1)),
    )


def find_paths(folder: Path) -> list[Path]:
    """The files of a folder's tests, in the order of their names."""
    return [path for path in sorted(folder.glob("*.py")) if is_case(path)]


def is_case(path: Path) -> bool:
    """Whether a file is a test, and not the host's side of one."""
    return path.suffix == ".py" and not path.name.endswith(HOST_SUFFIX)


def _check(path: Path, number: int, name: str, value: str) -> None:
    words = [word.strip() for word in value.split(",")]
    if name in ("needs", "link"):
        good = all(word in CAPABILITIES for word in words)
        expected = f"of {', '.join(CAPABILITIES)}"
    elif name == "jumper":
        good, expected = value.isidentifier(), "a jumper's name"
    else:
        good = value.isdigit() and int(value) > 0
        expected = "a positive whole number"
    if not good:
        raise UsageError(f"{path}:{number}: {name}: expected {expected}, got {value!r}")
