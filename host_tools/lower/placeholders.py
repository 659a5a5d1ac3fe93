"""Statements for which viper has no instruction: what stands for them in the text, until the build puts them in.

A placeholder is viper code around a number of its own. mpy-cross makes a known sequence of instructions of it, and
`host_tools.splice` puts others of the same length in its place.
"""

import ast
from dataclasses import dataclass, field
from enum import Enum

_FAMILY = 0x2B << 24  # below 2**30, so a small integer, and no constant that one or two instructions could make


_FILLER_BIT = 22
_FILLERS = 3


class Kind(Enum):
    """What a placeholder stands for, and how it is written: with the name of a local, and its number."""

    MASK = "{name} = {number}"  # PRIMASK to the name, then interrupts off
    UNMASK = "{name} ^ {number}"  # PRIMASK from the name
    RAISE = "{name} = ptr32({number})[0]"  # BASEPRI to the name, then at least `level`
    LOWER = "{name} ^ {number} "  # BASEPRI from the name
    SOURCES_OFF = "{name} = {first} ^ {number} ^ {last}"  # lines enabled, of those of the last; then these are disabled
    SOURCES_ON = "{first} ^ {number} ^ {last}"
    CONSUME = "{name} = {first} ^ {number} ^ {more[0]} ^ {more[1]}"  # a channel's state, see hot_channels
    PUT = "{name} = {first} ^ {number} ^ {more[0]} ^ {more[1]} ^ {more[2]} ^ {more[3]} ^ {more[4]} ^ {last}"
    TAKE = "{name} = {first} ^ {number} ^ {more[0]} ^ {last}"  # an item to the last name; 0 if there was none

    @property
    def fillers(self) -> int:
        """How many more numbers are in it: they make room."""
        return self.value.count("more")


@dataclass(frozen=True)
class Placeholder:
    """One in a module. `level`: of RAISE, what BASEPRI is to be, 0 to 255. `line`: of the source."""

    kind: Kind
    number: int
    level: int
    line: int

    @property
    def more(self) -> tuple[int, ...]:
        """Further numbers in it, in their order."""
        return tuple(self.number | min(each, _FILLERS) << _FILLER_BIT for each in range(1, self.kind.fillers + 1))


@dataclass
class Placeholders:
    """Those of one module, each with a number of its own."""

    made: list[Placeholder] = field(default_factory=list)

    def add(self, kind: Kind, name: str, line: int, level: int = 0) -> list[ast.stmt]:
        """A new one, as a statement."""
        return self._add(kind, line, level, name=name)

    def add_chain(self, kind: Kind, name: str, line: int, first: str, last: str = "") -> list[ast.stmt]:
        """A new one that has more than one name in it."""
        return self._add(kind, line, 0, name=name, first=first, last=last)

    def _add(self, kind: Kind, line: int, level: int, **names: str) -> list[ast.stmt]:
        made = Placeholder(kind, _FAMILY + len(self.made) + 1, level, line)
        self.made.append(made)
        return ast.parse(kind.value.format(number=made.number, more=made.more, **names).strip()).body
