"""How the generator makes its choices: hypothesis draws them, so that it can repeat and shrink a program."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """Makes choices. The first or smallest one is the simplest, to which a failing program is shrunk."""

    def number(self, low: int, high: int) -> int:
        """A whole number between the two, both included."""
        ...

    def one(self, options: Sequence[T]) -> T:
        """One of some options."""
        ...

    def chance(self, percent: int) -> bool:
        """True that often."""
        ...
