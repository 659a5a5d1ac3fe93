"""What a firmware module says about registers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.registers.expressions import Symbol
from host_tools.registers.model import Block, Instance, Values


@dataclass
class Module:
    """What a firmware module says about registers.

    blocks: of its classes. values: plain classes of numbers. instances: `GPIOA = Gpio(0x4800_0000)`. constants: names
    of numbers. unreadable: blocks that are made at run time, with the line and the reason. lines: of each block.

    names: what every name at the module's level means, imported ones included: a block, values, an instance, a number,
    a text, a module, a `Symbol` of what is not read, or `Unknown`, as a name that is bound more than once. Such a name
    is in none of the others.
    """

    path: str
    name: str = ""
    blocks: dict[str, Block] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    constants: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, tuple[int, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    names: dict[str, object] = field(default_factory=dict)

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a folder."""
        return Path(self.path).name == "__init__.py"

    def member(self, name: str) -> object | None:
        """What a name in it means, None if that is not known."""
        return self.names.get(name)


Imports = Callable[[str], Module | None]
"""Gives the firmware module of a dotted name, None if there is none, or none yet."""


@dataclass(frozen=True)
class Package:
    """What `import a.b` binds: `a`, and through it the modules in it."""

    path: str
    imports: Imports

    def member(self, name: str) -> object | None:
        """A name in the package, or a module of it."""
        own = self.imports(self.path)
        meaning = own.member(name) if own is not None else None
        if meaning is not None:
            return meaning
        dotted = f"{self.path}.{name}"
        found = self.imports(dotted)
        if found is None:
            return Symbol(dotted)
        return Package(dotted, self.imports) if found.is_package else found
