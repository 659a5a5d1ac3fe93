"""Reads registers on a target: one bus access of its own width for each, and none of those that a read would change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from host_tools.errors import FailedError, TargetError
from host_tools.link import LinkClosedError
from host_tools.raw_repl import RawRepl
from host_tools.registers.model import Access, Field, Placed

SILENCE_S = 5.0
AT_ONCE = 64
"""Registers that one program reads: what a target with little memory can compile."""

NOT_READABLE = "write-only"
READING_ACTS = "reading it acts"

# It binds no name of the target's, and prints each value at once: what a fault leaves out is what faulted.
_PROGRAM = '(lambda m:[print("%x"%((m.mem8,m.mem16,m.mem32)[w][a]&0xFFFFFFFF))for w,a in({},)])(__import__("machine"))'
_SIZES = {8: 0, 16: 1, 32: 2}


@dataclass(frozen=True)
class Reading:
    """A register and its value, None where it was not read; `skipped` is the reason."""

    placed: Placed
    value: int | None
    skipped: str = ""


@dataclass(frozen=True)
class FieldValue:
    """A field in a reading: its value, None where it cannot be read, and that value's name, where it has one."""

    field: Field
    value: int | None
    meaning: str | None


def why_skipped(placed: Placed, everything: bool) -> str:
    """Why a register is not read, empty if it is. `everything` takes in those whose reading acts."""
    if not placed.register.readable:
        return NOT_READABLE
    return "" if everything or placed.register.read_is_safe else READING_ACTS


def read(repl: RawRepl, name: str, registers: Sequence[Placed], everything: bool = False) -> list[Reading]:
    """What registers of the peripheral `name` say; `repl` is at the raw prompt. Those that a read changes are left out.

    FailedError names the register where a read ends in a fault, TargetError one that is not answered.
    """
    wanted = [each for each in registers if not why_skipped(each, everything)]
    values: dict[str, int] = {}
    for start in range(0, len(wanted), AT_ONCE):
        values |= _read_some(repl, name, wanted[start : start + AT_ONCE])
    return [Reading(each, values.get(each.path), why_skipped(each, everything)) for each in registers]


def decode(reading: Reading) -> Iterator[FieldValue]:
    """The fields of a reading, in the order of their table, elements of arrays one by one."""
    register = reading.placed.register
    for each in register.fields:
        for field in each.elements():
            if reading.value is None or register.access_of(field) is Access.WO:
                yield FieldValue(field, None, None)
            else:
                value = reading.value >> field.bit & field.largest
                yield FieldValue(field, value, name_of(field, value))


def name_of(field: Field, value: int) -> str | None:
    """The name of one of a field's values."""
    members = field.values.members if field.values else ()
    return next((name for name, number in members if number == value), None)


def _read_some(repl: RawRepl, name: str, registers: list[Placed]) -> dict[str, int]:
    program = _PROGRAM.format(",".join(f"({_SIZES[each.register.width]},{each.address:#x})" for each in registers))
    printed = bytearray()
    try:
        _, trace = repl.execute(program, SILENCE_S, on_output=printed.extend)
    except TargetError as error:
        raise _stopped(name, registers, printed.decode(errors="replace"), error) from error
    text = printed.decode(errors="replace")
    if trace:
        last = trace.decode(errors="replace").strip().splitlines()[-1]
        fix = "corten exec shows what the target can do; it needs MicroPython's machine.mem32"
        raise FailedError(f"the target could not read its registers: {last}", fix)
    try:
        return dict(zip((each.path for each in registers), (int(word, 16) for word in text.split()), strict=True))
    except ValueError:
        fix = "end what prints on that console, such as an interrupt's handler"
        raise TargetError(f"expected {len(registers)} numbers from the target, got {text[-200:]!r}", fix) from None


def _stopped(name: str, registers: list[Placed], text: str, error: TargetError) -> FailedError | TargetError:
    """What a target says that did not come back: of the registers, the first one that has no value is to blame."""
    before, faulted, fault = text.partition("FAULT ")
    done = len(before.split())
    if done >= len(registers):
        return error
    path, address = registers[done].path, registers[done].address
    leave_out = f"name the registers to read and leave {path} out, or correct its address"
    if not faulted:
        message = f"the target did not come back from reading {name}.{path} at {address:#010x}: {error.message}"
        return TargetError(message, f"reset it; if that happens again, {leave_out}")
    cause = fault.partition(" exception=")[0]
    after = "the emulator has ended" if isinstance(error, LinkClosedError) else "the board resets"
    message = f"reading {name}.{path} at {address:#010x} faulted ({cause}): nothing answers there, or its clock is off"
    return FailedError(message, f"{leave_out}; {after}")
