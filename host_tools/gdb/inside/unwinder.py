"""Unwinds what has no unwinding tables: code that MicroPython's compiler made, exceptions, functions in assembly.

All code of MicroPython's compiler begins with a push that saves lr. Sections are those of DDI 0403E.
"""

import gdb
import gdb.unwinder

from .memory import half, symbol_at, word

NAKED = ("fault_handler",)
"""Functions of C in assembly, of which the unwinding tables say nothing."""

_PUSH, _PUSH_MASK, _PUSH_LR = 0xB500, 0xFF00, 14  # DDI 0403E, A7.7.99
_PUSH_SOME, _POP_SOME = 0xB400, 0xBC00
_ADD_SP, _SUB_SP, _MOVE_SP_MASK = 0xB000, 0xB080, 0xFF80  # A7.7.5, A7.7.176
_SUB_SP_WIDE, _SUB_SP_WIDE_MASK = 0xF1AD, 0xFBFF
_BRANCH, _BRANCH_MASK = 0xE000, 0xFC00  # forwards: A7.7.12
_WIDE = (0b11101, 0b11110, 0b11111)  # what the first five bits of an instruction of four bytes are: A5.1
_KEPT = (*(f"r{number}" for number in range(13)), "xpsr", "msp", "psp", "primask", "basepri", "faultmask", "control")
_LONGEST = 4096  # bytes from a function's beginning, as far as is looked
EXCEPTION_RETURN = 0xFFFF_FF00
_ON_PSP, _WITHOUT_FPU = 1 << 2, 1 << 4  # bits of EXC_RETURN: B1.5.8
_FRAME, _FPU_FRAME, _PADDED = 0x20, 0x68, 1 << 9  # bytes that an exception stacks, and a bit of xpsr: B1.5.7

STACKED = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr")  # B1.5.6


class Generated(gdb.unwinder.Unwinder):
    """Unwinds code that MicroPython's compiler made, frozen or on the heap."""

    def __init__(self) -> None:
        """Its name is what `info unwinder` shows."""
        super().__init__("micropython")

    def __call__(self, pending: "gdb.PendingFrame") -> "gdb.UnwindInfo | None":
        """The frame around; None where the code is not MicroPython's."""
        pc, sp = (int(pending.read_register(name)) & 0xFFFF_FFFF for name in ("pc", "sp"))
        try:
            if pc >= EXCEPTION_RETURN:
                return self._interrupted(pending, pc, sp)
            return self._unwound(pending, pc, sp) if is_generated(pc) or symbol_at(pc) in NAKED else None
        except gdb.MemoryError:
            return None

    def _interrupted(self, pending: "gdb.PendingFrame", pc: int, sp: int) -> "gdb.UnwindInfo":
        """What an exception interrupted. gdb's own way does not know the Secure state of Armv8-M."""
        kind = pending.read_register("sp").type
        stack = int(pending.read_register("psp")) & 0xFFFF_FFFF if pc & _ON_PSP else sp
        saved = {name: word(stack + 4 * index) for index, name in enumerate(STACKED)}
        top = stack + (_FRAME if pc & _WITHOUT_FPU else _FPU_FRAME) + (4 if saved["xpsr"] & _PADDED else 0)
        info = pending.create_unwind_info(_FrameId(gdb.Value(top).cast(kind), gdb.Value(pc).cast(kind)))
        others = _others(pending, stack, top)
        for name, value in {**others, **saved, "sp": top}.items():
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info

    def _unwound(self, pending: "gdb.PendingFrame", pc: int, sp: int) -> "gdb.UnwindInfo | None":
        start = beginning_of(pc)
        if start is None:
            return None
        pushed = [number for number in range(8) if half(start) >> number & 1] + [_PUSH_LR]
        frame = 4 * len(pushed)
        top = sp + _stack_taken(start, pc)
        kind = pending.read_register("sp").type
        info = pending.create_unwind_info(_FrameId(gdb.Value(top).cast(kind), gdb.Value(start).cast(kind)))
        saved = {"sp": top, "pc": int(pending.read_register("lr"))}
        if pc != start:
            values = {number: word(top - frame + 4 * index) for index, number in enumerate(pushed)}
            saved |= {"pc": values.pop(_PUSH_LR)} | {f"r{number}": value for number, value in values.items()}
        saved["lr"] = saved["pc"]
        for name, value in {**_others(pending, sp, top), **saved}.items():
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info


def _others(pending: "gdb.PendingFrame", sp: int, top: int) -> dict[str, int]:
    """The registers that a function leaves as they are: gdb takes what is not told for lost."""
    found = {}
    for name in _KEPT:
        try:
            found[name] = int(pending.read_register(name)) & 0xFFFF_FFFF
        except (ValueError, gdb.error):
            continue
    moved = {name: top for name in ("msp", "psp") if found.get(name) == sp}
    return found | moved


def _stack_taken(start: int, pc: int) -> int:
    """The bytes that a function has taken from the stack when it is at `pc`, its code read from its beginning on."""
    taken, at = 0, start
    while at < pc:
        code = half(at)
        if code & _PUSH_MASK in (_PUSH, _PUSH_SOME):
            taken += 4 * (code & 0x1FF).bit_count()
        elif code & _PUSH_MASK == _POP_SOME:
            taken -= 4 * (code & 0xFF).bit_count()
        elif code & _MOVE_SP_MASK in (_SUB_SP, _ADD_SP):
            taken += (code & 0x7F) * (4 if code & 0x80 else -4)
        elif code & _SUB_SP_WIDE_MASK == _SUB_SP_WIDE:
            taken += half(at + 2) & 0xFF
        if code & _BRANCH_MASK == _BRANCH and at == start + 2:  # over words of its own
            at += 4 + 2 * (code & 0x3FF)
        else:
            at += 4 if code >> 11 in _WIDE else 2
    return taken


class _FrameId:
    """What tells a frame from others, as gdb wants it."""

    def __init__(self, sp: "gdb.Value", pc: "gdb.Value") -> None:
        self.sp = sp
        self.pc = pc


def is_generated(pc: int) -> bool:
    """Whether there is code of MicroPython's compiler at an address."""
    if pc >= EXCEPTION_RETURN:
        return False
    name = symbol_at(pc)
    return name.startswith("fun_data_") or name == "heap" or (not name and _is_ram(pc))


def _is_ram(address: int) -> bool:
    return address >> 29 in (1, 3, 4)  # the regions of DDI 0403E, table B3-1, that are memory


def beginning_of(pc: int) -> int | None:
    """Where the function around an address begins: the push before it that saves lr."""
    for address in range(pc & ~1, max((pc & ~1) - _LONGEST, 0), -2):
        if half(address) & _PUSH_MASK == _PUSH:
            return address
    return None
