"""Registers of 64 bits as the two of 32 bits that a Cortex-M accesses one after the other."""

from collections.abc import Iterator
from dataclasses import replace

from host_tools.registers.model import Field, Register

HALF = 32


def halves(register: Register) -> tuple[Register, Register]:
    """NAME_LO and NAME_HI of a register of 64 bits, little-endian; a field that lies in both is split likewise."""
    return tuple(_half(register, number) for number in range(2))  # type: ignore[return-value]


def _half(register: Register, number: int) -> Register:
    low = number * HALF
    return replace(
        register,
        name=f"{register.name}_{('LO', 'HI')[number]}",
        offset=register.offset + low // 8,
        width=HALF,
        reset=register.reset >> low & 0xFFFF_FFFF,
        fields=tuple(part for field in register.fields for part in _parts(field, low)),
        text=f"{('low', 'high')[number]} half: {register.text}" if register.text else "",
    )


def _parts(field: Field, low: int) -> Iterator[Field]:
    high = low + HALF
    for each in field.elements():
        first, end = max(each.bit, low), min(each.bit + each.width, high)
        if first >= end:
            continue
        if end - first == each.width:
            yield replace(each, bit=each.bit - low)
        else:
            name = f"{each.name}_{'HI' if low else 'LO'}"
            yield replace(each, name=name, bit=first - low, width=end - first, values=None)
