"""What `corten svd show` finds at a place such as GPIOA.MODER.MODE5, by the module's names or by the vendor's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from host_tools.registers.model import Field, Placed, Register, placed
from host_tools.registers.text import number
from host_tools.svd.generate import folded, found, peripheral_name
from host_tools.svd.read import Chip


@dataclass(frozen=True)
class Shown:
    """A peripheral's registers or, where there is a `register`, that one's fields."""

    rows: tuple[Placed, ...]
    at: Placed | None = None
    field: Field | None = None

    @property
    def register(self) -> Register | None:
        """The register that was asked for."""
        return self.at.register if self.at else None

    def registers(self) -> list[dict[str, Any]]:
        """One row a register."""
        return [
            {
                "name": each.path,
                "address": f"{each.address:#010x}",
                "access": access(each.register),
                "width": each.register.width,
                "reset": number(each.register.reset),
                "description": each.register.text.replace("\n", " "),
            }
            for each in self.rows
        ]

    def data(self) -> dict[str, Any]:
        """The register and its fields."""
        assert self.at
        (head,) = Shown((self.at,)).registers()
        fields = [self.field] if self.field else list(_elements(self.at.register))
        return {**head, "fields": [_field(each, self.at.register) for each in fields]}


def find(chip: Chip, place: str) -> Shown:
    """What is at a place; UsageError with the nearest name where there is nothing."""
    name, _, rest = place.partition(".")
    name = peripheral_name(chip, name)
    peripheral = chip.peripherals[name]
    owner = peripheral.parent or name
    ours = {each.path: each for each in placed(folded(chip, owner), peripheral.base)}
    if not rest:
        return Shown(tuple(ours.values()))
    vendors = {each.path: each for each in placed(chip.block(owner), peripheral.base)}
    known = {**vendors, **ours}
    by_upper = {path.upper(): path for path in known}
    path, field = rest, ""
    if rest.upper() not in by_upper and "." in rest:
        path, _, field = rest.rpartition(".")
    at = known[found(path, known, f"{name} has no register {path}")]
    if not field:
        return Shown((), at)
    fields = {one.name: one for one in _elements(at.register)}
    return Shown((), at, fields[found(field, fields, f"{name}.{at.path} has no field {field}")])


def access(register: Register, field: Field | None = None) -> str:
    """What reading and writing do, in words."""
    kind = register.access_of(field) if field else register.access
    acts = (field or register).reading_acts
    return f"{kind.value}, reading acts" if acts else kind.value


def _elements(register: Register) -> Iterator[Field]:
    for each in register.fields:
        yield from (replace(one, text=each.text) for one in each.elements())


def _field(field: Field, register: Register) -> dict[str, Any]:
    last = field.bit + field.width - 1
    return {
        "name": field.name,
        "bits": str(field.bit) if last == field.bit else f"{last}:{field.bit}",
        "access": access(register, field),
        "values": dict(field.values.members) if field.values else {},
        "description": field.text.replace("\n", " "),
    }
