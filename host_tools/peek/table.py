"""Readings for people and for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from host_tools.peek.reading import FieldValue, Reading, decode
from host_tools.registers.model import Field, Instance

BYTE = 8
CHANGED = "bold black on yellow"
Changes = Mapping[str, int]
"""By the path of a register, the bits that have changed since the last reading."""


def changes(before: Sequence[Reading], now: Sequence[Reading]) -> Changes:
    """The bits that differ between two readings of the same registers; registers that are the same are left out."""
    pairs = ((new, old.value, new.value) for old, new in zip(before, now, strict=True))
    return {new.placed.path: a ^ b for new, a, b in pairs if a is not None and b is not None and a != b}


def table(title: str, readings: Sequence[Reading], changed: Changes) -> RenderableType:
    """All readings with their fields, one in a line; what has changed stands out."""
    shown = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    shown.add_column("register", overflow="fold", style="bold")
    shown.add_column("address", no_wrap=True, style="dim")
    shown.add_column("value", no_wrap=True)
    shown.add_column("field", overflow="fold")
    shown.add_column("bits", no_wrap=True, style="dim")
    shown.add_column("value", overflow="fold")
    for each in readings:
        mask = changed.get(each.placed.path, 0)
        value = Text(hexadecimal(each), style=CHANGED if mask else "cyan")
        start: tuple[RenderableType, ...] = (each.placed.path, f"{each.placed.address:#010x}", value)
        if each.skipped:
            shown.add_row(*start, Text(f"skipped: {each.skipped}", style="dim italic"))
            continue
        for row in _rows(each) or [NO_FIELD]:
            style = CHANGED if mask & row.mask else "" if row.bits_set else "dim"
            shown.add_row(
                *start, Text(row.name, style="" if mask & row.mask else style), row.bits, Text(row.value, style)
            )
            start = ("", "", "")
    return Group(Text(title, style="bold"), shown)


def hexadecimal(reading: Reading) -> str:
    """A register's value with all of its digits, as they are typed."""
    if reading.value is None:
        return "-"
    return f"0x{reading.value:0{reading.placed.register.width // 4}x}"


def bits_of(field: Field) -> str:
    """Where a field is, as manuals write it."""
    return _bits(field.bit, field.bit + field.width - 1)


def shown_value(value: FieldValue) -> str:
    """A field's value, in hexadecimal where it has more than 8 bits, and the name of it."""
    if value.value is None:
        return "-"
    number = f"{value.value}" if value.field.width <= BYTE else f"{value.value:#x}"
    return f"{number} {value.meaning}" if value.meaning else number


def as_json(board: str | None, instance: Instance, readings: Sequence[Reading]) -> dict[str, object]:
    """All readings as one object; what was not read is null, with the reason."""
    return {
        "board": board,
        "peripheral": instance.name,
        "block": instance.block.name,
        "base": instance.base,
        "registers": [_register_json(each) for each in readings],
    }


def _register_json(reading: Reading) -> dict[str, object]:
    placed = reading.placed
    fields = [
        {
            "name": each.field.name,
            "bit": each.field.bit,
            "width": each.field.width,
            "value": each.value,
            "meaning": each.meaning,
        }
        for each in decode(reading)
    ]
    return {
        "path": placed.path,
        "address": placed.address,
        "width": placed.register.width,
        "access": placed.register.access.name,
        "value": reading.value,
        "skipped": reading.skipped or None,
        "fields": fields,
    }


@dataclass(frozen=True)
class Row:
    """What a line says of a field: `mask` of its bits in the register, `bits_set` if one of them is."""

    name: str
    bits: str
    value: str
    mask: int
    bits_set: bool


NO_FIELD = Row("", "", "", 0, False)


def _rows(reading: Reading) -> list[Row]:
    """One line for a field, and for an array of them one for each of its values."""
    values = iter(decode(reading))
    rows: list[Row] = []
    for field in reading.placed.register.fields:
        same: dict[str, list[FieldValue]] = {}
        for each in islice(values, field.count):
            same.setdefault(shown_value(each), []).append(each)
        rows += [_row(field, text, found) for text, found in same.items()]
    return rows


def _row(field: Field, text: str, elements: list[FieldValue]) -> Row:
    """The line for the elements of a field that have the same value; an array's bits only where they are together."""
    bits_set = bool(elements[0].value)
    mask = sum(each.field.mask for each in elements)
    if field.count == 1:
        return Row(field.name, bits_of(field), text, mask, bits_set)
    numbers = [(each.field.bit - field.bit) // field.stride for each in elements]
    first, last = elements[0].field, elements[-1].field
    together = numbers[-1] - numbers[0] == len(numbers) - 1
    bits = _bits(first.bit, last.bit + last.width - 1) if together else ""
    return Row(field.name + _ranges([number + field.first for number in numbers]), bits, text, mask, bits_set)


def _bits(low: int, high: int) -> str:
    return f"[{high}:{low}]" if high > low else f"[{low}]"


def _ranges(numbers: list[int]) -> str:
    """`0-4,6` for 0, 1, 2, 3, 4, 6."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
