"""A register table against a vendor's description of the same block."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from host_tools.registers.model import Block, Field, Placed, Register, placed


@dataclass(frozen=True)
class Difference:
    """`what` of a register or field: missing, offset, width, bits or access."""

    path: str
    what: str
    ours: object
    vendors: object

    @property
    def key(self) -> str:
        """What a list of accepted differences calls it."""
        return f"{self.path} {self.what}"

    def __str__(self) -> str:
        return f"{self.path}: {self.what}: the table has {self.ours}, the vendor {self.vendors}"


def differences(ours: Block, vendors: Block, offset: int, names: Mapping[str, str]) -> Iterator[Difference]:
    """Where a table differs from the vendor's in a register's offset, width or access, or in a field's bits or access.

    Only what the table has is compared. It begins `offset` bytes into the vendor's block; `names` gives the vendor's
    paths where they are others.
    """
    theirs = {each.path: each for each in placed(vendors, 0)}
    for each in placed(ours, offset):
        vendor = theirs.get(names.get(each.path, each.path))
        if vendor is None:
            yield Difference(each.path, "missing", f"{each.address:#x}", None)
            continue
        yield from _of_register(each, vendor)
        for field in _elements(each.register):
            path = f"{each.path}.{field.name}"
            name = names.get(path, f"{vendor.path}.{field.name}").removeprefix(f"{vendor.path}.")
            yield from _of_field(path, each.register, field, vendor.register, vendor.register.find(name))


def _elements(register: Register) -> Iterator[Field]:
    for field in register.fields:
        yield from field.elements()


def _of_register(ours: Placed, vendors: Placed) -> Iterator[Difference]:
    if ours.address != vendors.address:
        yield Difference(ours.path, "offset", f"{ours.address:#x}", f"{vendors.address:#x}")
    if ours.register.width != vendors.register.width:
        yield Difference(ours.path, "width", ours.register.width, vendors.register.width)
    if ours.register.access is not vendors.register.access:
        yield Difference(ours.path, "access", ours.register.access.value, vendors.register.access.value)


def _of_field(path: str, ours: Register, field: Field, vendors: Register, other: Field | None) -> Iterator[Difference]:
    if other is None:
        yield Difference(path, "missing", (field.bit, field.width), None)
        return
    if (field.bit, field.width) != (other.bit, other.width):
        yield Difference(path, "bits", (field.bit, field.width), (other.bit, other.width))
    if ours.access_of(field) is not vendors.access_of(other):
        yield Difference(path, "access", ours.access_of(field).value, vendors.access_of(other).value)
