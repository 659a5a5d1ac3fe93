"""Puts machine instructions that viper does not know into what mpy-cross made of their placeholders.

A placeholder's number is the operand of two instructions, which are found by their bytes; what must follow is known
from MicroPython's py/emitnative.c and py/asmthumb.c, and is checked. What takes their place is as long: nothing moves.

Encodings: DDI 0403E, sections A7.7 and B5.2; DDI 0419E (ARMv6-M), sections A6.7 and B4.2.
"""

from collections.abc import Sequence
from pathlib import Path

from host_tools import channel_code, source_code
from host_tools.errors import FailedError
from host_tools.lower.placeholders import Kind, Placeholder

_PRIMASK, _BASEPRI, _BASEPRI_MAX = 0x10, 0x11, 0x12
_CPSID = 0xB672
_ISB = (0xF3BF, 0x8F6F)
_NOP = 0xBF00
_WIDE_NOP = (0xF3AF, 0x8000)
_WITHOUT_WIDE_NOP = "armv6m"
_FREE_REGISTER = 3  # viper keeps nothing in it between two statements
_LOW_REGISTERS = range(8)
_CHAIN_START = 8  # bytes that load a number
_CHAINS = (Kind.SOURCES_OFF, Kind.SOURCES_ON, Kind.CONSUME, Kind.PUT, Kind.TAKE)
_MOVE_TO_R1 = 0x4601
_MOVE_TO_R2 = 0x4602  # mov r2, r0
_SOURCE = 0xF << 3
_COMBINE = 0x4051  # eors r1, r2
_MOVE_R1_TO_R0 = 0x4608
_COMBINE_ANY = 0x4041  # eors r1, r0 to r7
_LOW_SOURCE = 7 << 3
_LOAD_R0_FROM_STACK = 0x9800


class _MismatchError(Exception):
    """Behind a placeholder's number there is not what was expected."""


def splice(code: bytes, placeholders: Sequence[Placeholder], arch: str, shown: Path) -> bytes:
    """The content of an .mpy file with all placeholders replaced. shown: the source, for messages.

    Raises FailedError if one is not there exactly once, in the form in which it is expected.
    """
    made = bytearray(code)
    for each in placeholders:
        found = [
            (at, register) for register in _LOW_REGISTERS for at in _all(code, _loading(register, each.number, arch))
        ]
        try:
            if len(found) != 1:
                raise _MismatchError(f"is there {len(found)} times")
            at, register = found[0]
            instructions = _replacement(code, at, register, each, arch)
            if each.kind is Kind.SOURCES_OFF:
                _move_base(made, at)
        except _MismatchError as error:
            message = f"{shown}:{each.line}: the lock's place in the machine code {error}"
            fix = "build with --keep-locks, and report it: this mpy-cross makes other code than is known"
            raise FailedError(message, fix=fix) from None
        made[at : at + len(instructions)] = instructions
    assert len(made) == len(code)
    return bytes(made)


def _move_base(code: bytearray, at: int) -> None:
    """Makes the load ahead of a chain, if it is one to r0, one to the free register."""
    if _halfword(code, at + _CHAIN_START) != _MOVE_TO_R1:
        return
    while _halfword(code, at - 2) == _NOP:
        at -= 2
    load = _halfword(code, at - 2)
    if load & ~0xFF != _LOAD_R0_FROM_STACK:
        raise _MismatchError("does not follow the load that is expected")
    code[at - 2 : at] = _bytes(load | _FREE_REGISTER << 8)


def _replacement(code: bytes, at: int, register: int, each: Placeholder, arch: str) -> bytes:
    if each.kind in _CHAINS:
        return _chain(code, at, register, each, arch)
    behind = at + len(_loading(register, each.number, arch))
    if each.kind is Kind.MASK:
        return _bytes(*_mrs(register, _PRIMASK), _CPSID, _NOP)
    if each.kind is Kind.RAISE:
        load = _halfword(code, behind)
        if load & 0xFFF8 != 0x6800 | register << 3:
            raise _MismatchError("is not followed by the load that is expected")
        found = load & 7
        if found == _FREE_REGISTER:
            raise _MismatchError("uses a register that is expected to be free")
        move = 0x2000 | _FREE_REGISTER << 8 | each.level
        return _bytes(*_mrs(found, _BASEPRI), move, *_msr(_BASEPRI_MAX, _FREE_REGISTER))
    move, combine = _halfword(code, behind), _halfword(code, behind + 2)
    if move & ~_SOURCE != _MOVE_TO_R1 or combine != 0x4041 | register << 3:
        raise _MismatchError("is not followed by the operation that is expected")
    special = _PRIMASK if each.kind is Kind.UNMASK else _BASEPRI
    rest = (_NOP, _NOP) if arch == _WITHOUT_WIDE_NOP else _WIDE_NOP
    return _bytes(*_msr(special, (move & _SOURCE) >> 3), *_ISB, *rest)


def _chain(code: bytes, at: int, register: int, each: Placeholder, arch: str) -> bytes:
    """Code in the room of a chain of operations, the result in r1."""
    reader = _Reader(code, at + len(_loading(register, each.number, arch)))
    source = (reader.expect(_MOVE_TO_R1, _SOURCE) & _SOURCE) >> 3
    reader.expect(_COMBINE)
    for number in each.more:
        reader.skip(_NOP)
        reader.expect_bytes(_loading(2, number, arch))
        reader.expect(_COMBINE)
    try:
        if each.kind is Kind.CONSUME:
            return channel_code.consume(source, reader.at - at)
        slot, register = _last(reader)
        wide = arch != _WITHOUT_WIDE_NOP
        if each.kind is Kind.TAKE:
            return channel_code.take(source, channel_code.store_to(register, slot), reader.at - at, wide)
        if each.kind is Kind.PUT:
            return channel_code.put(source, channel_code.load_from(register, slot), reader.at - at)
        if each.kind is Kind.SOURCES_ON:
            return source_code.enable(source, register, slot, reader.at - at)
        result = 1
        if reader.peek() == _MOVE_R1_TO_R0:
            reader.read()
            result = 0
        return source_code.disable(source or _FREE_REGISTER, register, slot, result, reader.at - at, wide)
    except ValueError as error:
        raise _MismatchError(str(error)) from None


def _last(reader: "_Reader") -> tuple[int | None, int]:
    """Where the last operand of a chain is: in a word of the stack, else None and the register."""
    if reader.peek() & ~0xFF == _LOAD_R0_FROM_STACK:
        slot = reader.read() & 0xFF
        reader.expect(_MOVE_TO_R2)
        reader.expect(_COMBINE)
        return slot, 2
    return None, (reader.expect(_COMBINE_ANY, _LOW_SOURCE) & _LOW_SOURCE) >> 3


class _Reader:
    """Reads halfwords that must be there."""

    def __init__(self, code: bytes, at: int) -> None:
        self._code = code
        self.at = at

    def peek(self) -> int:
        return _halfword(self._code, self.at)

    def read(self) -> int:
        found = self.peek()
        self.at += 2
        return found

    def skip(self, wanted: int) -> None:
        if self.peek() == wanted:
            self.at += 2

    def expect(self, wanted: int, but: int = 0) -> int:
        found = self.read()
        if found & ~but != wanted:
            raise _MismatchError("is not followed by the operation that is expected")
        return found

    def expect_bytes(self, wanted: bytes) -> None:
        if self._code[self.at : self.at + len(wanted)] != wanted:
            raise _MismatchError("is not followed by the number that is expected")
        self.at += len(wanted)


def _loading(register: int, number: int, arch: str) -> bytes:
    """How mpy-cross loads a number into a register."""
    low, high = number & 0xFFFF, number >> 16
    if arch == _WITHOUT_WIDE_NOP:
        return _bytes(0x4800 | register << 8, 0xE001, low, high)
    return _bytes(*_wide_move(0xF240, register, low), *_wide_move(0xF2C0, register, high))


def _wide_move(operation: int, register: int, value: int) -> tuple[int, int]:
    return (
        operation | (value >> 11 & 1) << 10 | value >> 12,
        (value >> 8 & 7) << 12 | register << 8 | value & 0xFF,
    )


def _mrs(register: int, special: int) -> tuple[int, int]:
    return 0xF3EF, 0x8000 | register << 8 | special


def _msr(special: int, register: int) -> tuple[int, int]:
    return 0xF380 | register, 0x8800 | special


def _all(code: bytes, wanted: bytes) -> list[int]:
    found = []
    at = code.find(wanted)
    while at >= 0:
        found.append(at)
        at = code.find(wanted, at + 1)
    return found


def _halfword(code: bytes | bytearray, at: int) -> int:
    return int.from_bytes(code[at : at + 2], "little")


def _bytes(*halfwords: int) -> bytes:
    return b"".join(each.to_bytes(2, "little") for each in halfwords)
