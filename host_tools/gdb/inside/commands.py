"""`py-backtrace` shows the Python functions that run, `py-fault` what a fault left behind.

The interpreter's frames are those of mp_execute_bytecode: each has a code state, which names its function and how far
it is.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import gdb
import gdb.unwinder

from .interpreter import Prelude, Qstrs
from .memory import symbol_at, word
from .unwinder import EXCEPTION_RETURN, STACKED, Generated, is_generated

_INTERPRETER = "mp_execute_bytecode"
_MOST_FRAMES = 256
_IPSR = 0x1FF

_CPUID, _WITHOUT_STATUS = 0xE000_ED00, 0xC  # B3.2.3; DDI 0419E, B3.2.3: the architecture of Armv6-M
_CFSR = 0xE000_ED28  # B3.2.15
_FAULTS = {
    0: "an instruction was fetched from where none may be", 1: "a load or store to where none may be",
    3: "unstacking went wrong", 4: "stacking went wrong", 7: "its address is in MMFAR",
    8: "an instruction could not be fetched", 9: "a precise bus error", 10: "an imprecise bus error",
    11: "unstacking went wrong on the bus", 12: "stacking went wrong on the bus", 15: "its address is in BFAR",
    16: "an undefined instruction", 17: "an invalid state: a branch to an address without its Thumb bit",
    18: "an invalid exception return", 19: "no coprocessor: the FPU is off", 24: "an unaligned access",
    25: "a division by zero",
}  # fmt: skip

_table: dict[str, list[str]] = {}  # symbol -> file, function and kind of frozen code


def frames() -> Iterator["gdb.Frame"]:
    """The frames, the innermost first."""
    frame, count = gdb.newest_frame(), 0
    while frame is not None and frame.is_valid() and count < _MOST_FRAMES:
        yield frame
        try:
            frame = frame.older()
        except gdb.error:
            return
        count += 1


def rows(with_c: bool) -> Iterator[str]:
    """A line for each Python function, the innermost first."""
    names = Qstrs()
    number = 0
    for frame in frames():
        text = _row(frame, names, with_c)
        if text is None:
            continue
        if text.startswith("--"):
            yield text
        else:
            yield f"#{number:<3}{text}"
            number += 1


def _row(frame: "gdb.Frame", names: Qstrs, with_c: bool) -> str | None:
    if frame.pc() >= EXCEPTION_RETURN:
        return f"-- exception {_exception(frame.newer())} interrupted --"
    name = frame.name() or ""
    try:
        if name == _INTERPRETER:
            return _interpreted(frame, names)
        if is_generated(frame.pc()):
            return _compiled(frame.pc())
    except (gdb.error, IndexError, UnicodeDecodeError) as error:
        return f"? ({error})"
    return f"{name or '?'}  [C]" if with_c else None


def _exception(frame: "gdb.Frame | None") -> int:
    """The number of the exception that a frame is in."""
    return int((frame or gdb.newest_frame()).read_register("xpsr")) & _IPSR


def _interpreted(frame: "gdb.Frame", names: Qstrs) -> str | None:
    state = _local(frame, "code_state")
    if state is None:
        return "? (where its code state is was optimised out)"
    prelude = Prelude(word(state), names)
    at = word(state + 4)
    ahead = _local(frame, "ip")
    if ahead is not None and prelude.code < ahead <= at + 16:
        at = ahead - 1  # it has read this instruction and is behind it
    return f"{prelude.file}:{prelude.line(at)}  {prelude.name}"


def _compiled(pc: int) -> str:
    symbol = symbol_at(pc)
    if symbol in _table:
        file, function, kind = _table[symbol]
        return f"{file}  {function}  [{kind}]"
    return f"{symbol or 'code in RAM'} at {pc:#x}  [machine code]"


def _local(frame: "gdb.Frame", name: str) -> int | None:
    try:
        value = frame.read_var(name)
        return None if value.is_optimized_out else int(value) & 0xFFFF_FFFF
    except (ValueError, gdb.error):
        return None


class Backtrace(gdb.Command):
    """py-backtrace [all]: the Python functions that run, the innermost first; `all`: those of C between them too."""

    def __init__(self) -> None:
        super().__init__("py-backtrace", gdb.COMMAND_STACK)

    def invoke(self, argument: str, _from_tty: bool) -> None:
        """Prints them."""
        if not gdb.selected_inferior().pid:
            raise gdb.GdbError("nothing runs: it has ended")
        for row in rows(argument.strip() == "all"):
            gdb.write(row + "\n")


class Fault(gdb.Command):
    """py-fault: in the handler of a fault, the registers that the exception stacked, and what the fault was."""

    def __init__(self) -> None:
        super().__init__("py-fault", gdb.COMMAND_STACK)

    def invoke(self, _argument: str, _from_tty: bool) -> None:
        """Prints them."""
        exception = _exception(None)
        if exception == 0:
            gdb.write("no exception runs\n")
            return
        stacked = next((each.older() for each in frames() if each.pc() >= EXCEPTION_RETURN), None)
        gdb.write(f"exception {exception}\n")
        if stacked is None:
            gdb.write("what it stacked was not found\n")
            return
        values = {name: int(stacked.read_register(name)) & 0xFFFF_FFFF for name in STACKED}
        gdb.write("".join(f"  {name:4} {value:#010x}\n" for name, value in values.items()))
        gdb.write(
            f"  at {symbol_at(values['pc']) or 'no symbol'}, called from {symbol_at(values['lr']) or 'no symbol'}\n"
        )
        gdb.write(_instruction(values["pc"]))
        if word(_CPUID) >> 16 & 0xF == _WITHOUT_STATUS:
            gdb.write("  Armv6-M has no registers that say why\n")
            return
        status = word(_CFSR)
        gdb.write(f"  CFSR {status:#010x} HFSR {word(_CFSR + 4):#010x}\n")
        for bit, meaning in _FAULTS.items():
            if status >> bit & 1:
                gdb.write(f"    {meaning}\n")
        if status & 0x80:
            gdb.write(f"  MMFAR {word(_CFSR + 12):#010x}\n")
        if status & 0x8000:
            gdb.write(f"  BFAR {word(_CFSR + 16):#010x}\n")


def _instruction(pc: int) -> str:
    """The instruction at an address; empty where nothing can be read."""
    try:
        return f"  {gdb.execute(f'x/i {pc:#x}', to_string=True).strip().expandtabs()}\n"
    except gdb.error:
        return ""


def start(table: str, fault_handlers: list[str]) -> None:
    """Makes all of it known to gdb. `table`: the file that tells of frozen code; `fault_handlers`: functions of C."""

    def tell_of_fault(event: "gdb.StopEvent") -> None:
        if isinstance(event, gdb.BreakpointEvent) and gdb.newest_frame().name() in fault_handlers:
            gdb.execute("py-fault")

    _table.update(json.loads(Path(table).read_text(encoding="utf-8")))
    gdb.events.stop.connect(tell_of_fault)
    gdb.unwinder.register_unwinder(None, Generated(), replace=True)
    Backtrace()
    Fault()
