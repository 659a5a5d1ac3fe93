"""How numbers and accesses to memory are written in lowered code: as an expert would, without heap integers."""

from dataclasses import dataclass

from host_tools.registers.model import Register

_SMALLEST, _LARGEST = -(1 << 30), (1 << 30) - 1
"""What the runtime holds without the heap."""

_WORD = 32
_DECIMAL = 10


def number(value: int, width: int = _WORD) -> str:
    """A constant that memory takes modulo `width` bits: the negative one where only that is a small integer."""
    if value > _LARGEST and width == _WORD and value - (1 << _WORD) >= _SMALLEST:
        value -= 1 << _WORD
    return plain(value)


def plain(value: int) -> str:
    """A constant."""
    if abs(value) < _DECIMAL:
        return str(value)
    return f"{'-' if value < 0 else ''}0x{abs(value):_X}"


def address(value: int) -> str:
    """`0x4000_0000`."""
    return f"0x{value:09_X}"


def is_small(value: int) -> bool:
    """Whether it is a small integer as it stands."""
    return _SMALLEST <= value <= _LARGEST


def all_but(cleared: int, width: int) -> str:
    """The mask that clears these bits."""
    kept = ((1 << width) - 1) & ~cleared
    if kept == 0:
        return "0"
    return number(kept) if cleared > _LARGEST + 1 and is_small(kept) else f"~{plain(cleared)}"


@dataclass(frozen=True)
class Change:
    """What a modify, set, clear or toggle does to a register: the bits it clears, then sets, then inverts."""

    clear: int
    bits: int
    invert: int = 0

    @classmethod
    def of(cls, register: Register, clear: int, bits: int, invert: int = 0) -> "Change":
        """With the bits that must be written so that they do nothing: `corten.register.Register._update`."""
        return cls(
            clear | register.keep_zero & ~invert, bits | register.keep_one & ~(clear | invert), invert & register.mask
        )

    def statement(self, width: int) -> tuple[str, str] | None:
        """The operator and the operand of an augmented assignment, if that is all there is to it."""
        cleared = self.clear & ~self.bits
        parts = [
            ("&=", all_but(cleared, width)) if cleared else None,
            ("|=", number(self.bits, width)) if self.bits else None,
            ("^=", number(self.invert, width)) if self.invert else None,
        ]
        given = [part for part in parts if part]
        if not given:
            return "|=", "0"
        return given[0] if len(given) == 1 else None

    def terms(self, memory: str, width: int) -> list[str]:
        """What is joined by `|`: the register's old value, masked, and the bits to set. Not for an inversion."""
        cleared = self.clear & ~self.bits
        old = f"{memory} & {all_but(cleared, width)}" if cleared else memory
        return [old, number(self.bits, width)] if self.bits else [old]

    def expression(self, memory: str, width: int) -> str:
        """The new value."""
        kept = " | ".join(self.terms(memory, width))
        return f"({kept}) ^ {number(self.invert, width)}" if self.invert else kept
