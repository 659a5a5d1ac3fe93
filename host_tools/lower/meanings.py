"""What an expression of the firmware means, as far as the source tells."""

import ast
from dataclasses import dataclass, replace

from host_tools.registers.model import Block, Cluster, Field, Register, Values

ATOMIC = "corten.atomic.atomic"
CONST = "micropython.const"
HOT = "corten.hot.hot"
CRITICAL = "corten.critical.critical"
CEILING = "corten.ceiling.ceiling"
SHARED = {"corten.shared.Shared": False, "corten.shared.SharedWord": True}
"""The classes of shared values, and whether theirs are machine words."""
APP = "corten.app.App"
LOG = "corten.log.Log"
WORDS = "corten.channel.Channel.words"
PERIPHERALS = ("corten.peripheral.Peripheral", "corten.peripheral.Pin")


@dataclass(frozen=True)
class Symbol:
    """A name of a module whose source says no more: `corten.atomic.atomic`, `machine.mem32`."""

    path: str


@dataclass(frozen=True)
class ModuleRef:
    """A module of the image, by its name: `corten.irq`."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """Something that is, or may be, a register, but not known to be one and the same; `reason` says why."""

    reason: str


@dataclass(frozen=True)
class Wrong:
    """Something that fails whenever it runs: a register that there is not, an index outside of an array."""

    message: str
    fix: str


@dataclass(frozen=True)
class Index:
    """An index that is known on the chip only, and the elements that there are: `count` of them from `first` on.

    `stride` in bytes or, of fields, in bits.
    """

    node: ast.expr
    first: int
    count: int
    stride: int


@dataclass(frozen=True)
class Place:
    """Where a block or register is.

    `address`: a constant; None where only the chip knows it, and there `source`, an expression without effects, is the
    block or register. With `index`, `address` is that of element 0.
    """

    address: int | None
    source: str = ""
    index: Index | None = None

    def moved(self, offset: int, source: str) -> "Place":
        """`offset` bytes further, where `source` spells it."""
        if self.address is not None:
            return replace(self, address=self.address + offset)
        return replace(self, source=self.source and f"{self.source}{source}")


@dataclass(frozen=True)
class BlockClass:
    """A class of registers. `label` as in the device's errors."""

    block: Block


@dataclass(frozen=True)
class BlockAt:
    """An instance of a block, or a cluster in one."""

    block: Block
    place: Place


@dataclass(frozen=True)
class ArrayAt:
    """An array of registers or clusters, of a block at `place`."""

    block: Block
    item: Register | Cluster
    place: Place


@dataclass(frozen=True)
class RegisterAt:
    """A live register; `block` has it."""

    block: Block
    register: Register
    place: Place

    @property
    def label(self) -> str:
        """What the device's errors call it."""
        return f"{self.block.name}.{self.register.name}"


@dataclass(frozen=True)
class FieldOf:
    """A field of a live register. With `index`, `field` is the array's first element."""

    owner: RegisterAt
    field: Field
    index: Index | None = None

    @property
    def label(self) -> str:
        """What the device's errors call it."""
        return f"{self.owner.label}.{self.field.name}"


@dataclass(frozen=True)
class FieldsOf:
    """An array of fields of a live register."""

    owner: RegisterAt
    field: Field


@dataclass(frozen=True)
class AtomicOf:
    """`atomic(register)`."""

    owner: RegisterAt


@dataclass(frozen=True)
class PeripheralRef:
    """A peripheral or pin of the generated module `board`: its numbers by attribute. `block`: its driver's module."""

    numbers: tuple[tuple[str, int], ...]
    block: str = ""
    is_pin: bool = False


@dataclass(frozen=True)
class Taken:
    """What `take()` of a pin gives: it is to become an input, an output or else."""

    pin: PeripheralRef


@dataclass(frozen=True)
class PinAt:
    """What `into_output()` or `into_input()` of a pin gives: pin `bit` of a port, in that state.

    `name`: the one name, or attribute, that is bound to it; empty where it is none yet.
    """

    port: BlockAt
    bit: int
    state: str
    name: str = ""


@dataclass(frozen=True)
class CeilingOf:
    """`ceiling(level)`."""

    level: int


@dataclass(frozen=True)
class SharedAt:
    """A shared value that a module's name stands for. `ceiling`: the one that it is given, None for none.

    `reason`: why its ceiling cannot be told from where it is made.
    """

    module: str
    name: str
    is_word: bool
    ceiling: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ChannelAt:
    """A channel of machine words that a module's name stands for."""

    module: str
    name: str


@dataclass(frozen=True)
class LogAt:
    """A `Log`; `name`: what its lines begin with, empty where only the chip knows it."""

    name: str


@dataclass(frozen=True)
class AppAt:
    """An `App` that a module's name stands for."""

    module: str
    name: str


Live = BlockAt | ArrayAt | RegisterAt | FieldOf | FieldsOf
"""What stands for hardware."""

Concurrent = CeilingOf | SharedAt | ChannelAt | AppAt
"""What stands for a lock, or for what tasks share."""

Meaning = (
    int
    | Symbol
    | ModuleRef
    | Unknown
    | Wrong
    | BlockClass
    | Live
    | AtomicOf
    | PeripheralRef
    | Taken
    | PinAt
    | Values
    | Concurrent
    | LogAt
)


def place_of(meaning: Live) -> Place:
    """Where it is, or where the register is that it belongs to."""
    return meaning.owner.place if isinstance(meaning, FieldOf | FieldsOf) else meaning.place


def is_constant(meaning: Live) -> bool:
    """Whether its address is known before it runs."""
    place = place_of(meaning)
    return place.address is not None and place.index is None
