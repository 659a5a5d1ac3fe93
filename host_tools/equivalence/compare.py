"""One program both ways, side by side."""

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from host_tools.equivalence.board import Run, Session
from host_tools.equivalence.layouts import MARK
from host_tools.equivalence.programs import Program
from host_tools.errors import UsageError
from host_tools.lower import Lowered, Note, lower

Lowering = Callable[[str], Lowered]

_FILE = "main.py"


class MismatchError(AssertionError):
    """A program that does something else when it is lowered."""


@dataclass
class Tally:
    """What was compared: programs, accesses to the bus, calls that raised, and accesses in the source by their fate."""

    programs: int = 0
    refused: int = 0
    accesses: int = 0
    raised: int = 0
    lowered: int = 0
    kept: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Adds what another one counted."""
        self.programs += other.programs
        self.refused += other.refused
        self.accesses += other.accesses
        self.raised += other.raised
        self.lowered += other.lowered
        self.kept += other.kept

    @property
    def lowered_share(self) -> float:
        """The part of the accesses in the source that was lowered."""
        return self.lowered / max(self.lowered + self.kept.total(), 1)


def lowered(text: str) -> Lowered:
    """A program's module, lowered. UsageError for what always fails."""
    return lower({_FILE: text}, spliced=False)[_FILE]  # the board compiles it


def compare(program: Program, session: Session, lowering: Lowering = lowered) -> Tally:
    """Runs a program both ways. Raises MismatchError where they differ, or where lowering refuses what works."""
    try:
        made = lowering(program.text)
    except UsageError as error:
        return _refused(program, session, error)
    plain, changed = session.run(program, made.text)
    if program.fails:
        raise MismatchError(f"{program!r}\nwas lowered, and always fails: {plain.results}\n{made.text}")
    if plain.accesses != changed.accesses or not _same_results(plain, changed):
        raise MismatchError(f"{program!r}\n--- lowered\n{made.text}\n{_side_by_side(plain, changed)}")
    return _tally(plain, made.notes)


def _refused(program: Program, session: Session, error: UsageError) -> Tally:
    plain, _ = session.run(program, "pass")
    if not program.fails:
        raise MismatchError(f"{program!r}\nis refused: {error}\n{plain.results}")
    if not _raises(plain.results[1]):
        raise MismatchError(f"{program!r}\nis refused: {error}\nand yet ends with {plain.results}")
    return Tally(programs=1, refused=1)


def _tally(run: Run, notes: tuple[Note, ...]) -> Tally:
    done = Counter(note.reason or "" for note in notes)
    lowered = done.pop("", 0)
    accesses = sum(each.address != MARK for each in run.accesses)
    return Tally(1, 0, accesses, sum(map(_raises, run.results)), lowered, done)


def _raises(result: str) -> bool:
    return result.partition(" ")[0].endswith(("Error", "Exception"))


def _same_results(plain: Run, lowered: Run) -> bool:
    return all(map(_is_same, plain.results, lowered.results))


def _is_same(plain: str, lowered: str) -> bool:
    """Whether two results are one; a TypeError, which only what is no number can cause, has words of its own."""
    return plain == lowered or plain.partition(" ")[0] == lowered.partition(" ")[0] == "TypeError"


def _side_by_side(plain: Run, lowered: Run) -> str:
    lines = []
    for one, other in itertools.zip_longest(plain.accesses, lowered.accesses, fillvalue=""):
        lines.append(f"{'  ' if one == other else '! '}{one!s:40} {other!s}")
    for before, after in zip(plain.results, lowered.results, strict=True):
        lines.append(f"{'  ' if _is_same(before, after) else '! '}{before:40} {after}")
    return "\n".join(["   as it stands                             lowered", *lines])
