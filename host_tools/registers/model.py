"""What a block of registers is: the host's counterpart of `corten.register`, which runs on the chip.

Both have the same names and rules; the tests of lowering hold them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Access(Enum):
    """What reading and writing do; the names are those of `corten.register`."""

    RO = "read-only"
    WO = "write-only"
    RW = "read-write"
    W1C = "write-1-to-clear"
    W1S = "write-1-to-set"
    W1T = "write-1-to-toggle"
    W0C = "write-0-to-clear"
    W0S = "write-0-to-set"

    @property
    def readable(self) -> bool:
        """Whether a read says something."""
        return self is not Access.WO

    @property
    def writable(self) -> bool:
        """Whether a write does something."""
        return self is not Access.RO


ONES_ACT = (Access.WO, Access.W1C, Access.W1S, Access.W1T)
"""Where a modify must write 0 to what it does not name."""

ZEROS_ACT = (Access.W0C, Access.W0S)
"""Where it must write 1."""


@dataclass(frozen=True)
class Values:
    """Names of a field's values: a class of constants in a firmware module."""

    name: str
    members: tuple[tuple[str, int], ...]
    text: tuple[str, ...] = field(default=(), compare=False)  # what each is, where a vendor's file says so


@dataclass(frozen=True)
class Field:
    """Bits of a register, or `count` such fields, `stride` bits apart, that are called NAME0, NAME1, … from `first`.

    `access` None is that of the register. `reading_acts` when a read changes something.
    """

    name: str
    bit: int
    width: int = 1
    access: Access | None = None
    reading_acts: bool = False
    count: int = 1
    stride: int = 0
    first: int = 0
    values: Values | None = None
    text: str = field(default="", compare=False)

    @property
    def largest(self) -> int:
        """The largest value that fits."""
        return (1 << self.width) - 1

    @property
    def mask(self) -> int:
        """The bits of the field in its register; of all elements of an array."""
        return sum(self.largest << self.bit + number * self.stride for number in range(self.count))

    def element(self, index: int) -> "Field":
        """One field of an array, by its number, which counts from `first`. IndexError where there is none."""
        if not self.first <= index < self.first + self.count:
            raise IndexError(f"{self.name} has the elements {self.first} to {self.first + self.count - 1}, not {index}")
        bit = self.bit + (index - self.first) * self.stride
        return Field(f"{self.name}{index}", bit, self.width, self.access, self.reading_acts, values=self.values)

    def elements(self) -> "Iterator[Field]":
        """The fields one by one: the field itself where it is no array."""
        if self.count == 1:
            yield self
        else:
            yield from (self.element(self.first + number) for number in range(self.count))


@dataclass(frozen=True)
class Register:
    """A register, or `count` such registers, `stride` bytes apart, where `count` is not None.

    `offset` in bytes from its block; `width` in bits.
    """

    name: str
    offset: int
    access: Access = Access.RW
    reading_acts: bool = False
    width: int = 32
    reset: int = 0
    fields: tuple[Field, ...] = ()
    count: int | None = None
    stride: int = 0
    text: str = field(default="", compare=False)

    @property
    def mask(self) -> int:
        """All of its bits."""
        return (1 << self.width) - 1

    @property
    def size(self) -> int:
        """Bytes of one access."""
        return self.width // 8

    @property
    def end(self) -> int:
        """The first offset behind it, behind the last one of an array."""
        return self.offset + ((self.count or 1) - 1) * self.stride + self.size

    @property
    def readable(self) -> bool:
        """Whether `read` is allowed."""
        return self.access.readable

    @property
    def writable(self) -> bool:
        """Whether `write` is allowed: a read-only register may have fields that are not."""
        return self.access.writable or any(each.access and each.access.writable for each in self.fields)

    @property
    def read_is_safe(self) -> bool:
        """Whether reading it changes nothing."""
        return self.readable and not self.reading_acts and not any(each.reading_acts for each in self.fields)

    @property
    def keep_zero(self) -> int:
        """Bits that a modify writes as 0 where it does not name them: a 1 would act."""
        return self._bits(ONES_ACT)

    @property
    def keep_one(self) -> int:
        """Bits that a modify writes as 1 where it does not name them: a 0 would act."""
        return self._bits(ZEROS_ACT)

    def _bits(self, kinds: tuple[Access, ...]) -> int:
        named = 0
        found = 0
        for each in self.fields:
            named |= each.mask
            if (each.access or self.access) in kinds:
                found |= each.mask
        # A write-only register is never read back, so nothing of it has to be kept from being so.
        whole = self.access in kinds and self.access is not Access.WO
        return found | (self.mask & ~named if whole else 0)

    def access_of(self, each: Field) -> Access:
        """The access of one of its fields."""
        return each.access or self.access

    def find(self, name: str) -> Field | None:
        """The field of that name: one of `fields`, or an array's element such as MODE5."""
        for each in self.fields:
            if each.name == name:
                return each
        for each in self.fields:
            index = name.removeprefix(each.name)
            is_number = name.startswith(each.name) and index.isdecimal() and str(int(index)) == index
            if is_number and each.count > 1 and each.first <= int(index) < each.first + each.count:
                return each.element(int(index))
        return None

    def pack(self, values: dict[str, int]) -> tuple[int, int]:
        """The mask of the named fields, and their values in place. The names and values must be good."""
        mask = bits = 0
        for name, value in values.items():
            each = self.find(name)
            assert each is not None
            mask |= each.mask
            bits |= value << each.bit
        return mask, bits

    def encode(self, values: dict[str, int]) -> int:
        """What `write(**values)` writes."""
        mask, bits = self.pack(values)
        return self.rest(mask) | bits

    def rest(self, mask: int) -> int:
        """What a write of fields puts outside of their `mask`."""
        return self.reset & ~(mask | self.keep_zero) | self.keep_one & ~mask


@dataclass(frozen=True)
class Cluster:
    """A block within a block at `offset`, or `count` of them, `stride` bytes apart, where `count` is not None."""

    name: str
    block: "Block"
    offset: int
    count: int | None = None
    stride: int = 0
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Block:
    """A group of registers at one base address: a class in a firmware module.

    `size` in bytes, None where it is not known. `atomic`: "ALIASES" or "BIT_BAND", None where there is neither.
    `set_reset`: pairs of a register and the one whose low half sets its bits and whose high half clears them.
    `set_clear`: of a register and those that set, clear and, or None, toggle its bits.
    `output`, `input`: of a port's block, the registers of its pins' output and input; `open_drain`: of an open drain's
    output, where it is another; `input_first`: the pin that is bit 0 of the input.
    """

    name: str
    items: tuple[Register | Cluster, ...]
    size: int | None = None
    atomic: str | None = None
    set_reset: tuple[tuple[str, str], ...] = ()
    text: str = field(default="", compare=False)
    set_clear: tuple[tuple[str, tuple[str, str, str | None]], ...] = ()
    output: str | None = None
    open_drain: str | None = None
    input: str | None = None
    input_first: int = 0

    def find(self, name: str) -> Register | Cluster | None:
        """The register or cluster of that name."""
        return next((item for item in self.items if item.name == name), None)

    @property
    def registers(self) -> tuple[Register, ...]:
        """The registers, clusters left out."""
        return tuple(item for item in self.items if isinstance(item, Register))


@dataclass(frozen=True)
class Placed:
    """A register at its address, arrays and clusters unrolled; `path` is what a person types: `CH[2].CCR`."""

    path: str
    address: int
    register: Register


def placed(block: Block, base: int, prefix: str = "") -> Iterator[Placed]:
    """Every register of a block at `base`, in the order of the description."""
    for item in block.items:
        for number in range(item.count or 1):
            path = f"{prefix}{item.name}" + (f"[{number}]" if item.count is not None else "")
            address = base + item.offset + number * item.stride
            if isinstance(item, Register):
                yield Placed(path, address, item)
            else:
                yield from placed(item.block, address, f"{path}.")


@dataclass(frozen=True)
class Instance:
    """A block at an address: `GPIOA = Gpio(0x4800_0000)` in a firmware module."""

    name: str
    block: Block
    base: int
