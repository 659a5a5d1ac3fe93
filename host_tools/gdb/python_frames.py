"""Runs inside gdb: `py-backtrace` shows the Python functions that run, `py-fault` what a fault left behind.

The interpreter's frames are those of mp_execute_bytecode: each has a code state, which names its function and how far
it is. Code that MicroPython's compiler made has no unwinding tables; all of it begins with a push, from which it is
unwound here. `CORTEN_TABLE`, set by `corten gdb`, says whose code is where: symbol -> [file, function, kind].

Layouts are those of MicroPython 1.24 to 1.26: py/bc.h, py/objfun.h, py/qstr.h.
"""

from collections.abc import Iterator

import gdb
import gdb.unwinder

FAULT_HANDLERS = ("report_fault", "isr_hardfault", "HardFault_Handler")
"""Where faults end: Corten's port, the Pico SDK, CMSIS."""

TABLE: dict[str, list[str]] = globals().get("CORTEN_TABLE", {})

INTERPRETER = "mp_execute_bytecode"
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
_MOST_FRAMES = 256
_EXCEPTION_RETURN = 0xFFFF_FF00
_IPSR = 0x1FF
_ON_PSP, _WITHOUT_FPU = 1 << 2, 1 << 4  # bits of EXC_RETURN: B1.5.8
_FRAME, _FPU_FRAME, _PADDED = 0x20, 0x68, 1 << 9  # bytes that an exception stacks, and a bit of xpsr: B1.5.7

_STACKED = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr")  # B1.5.6
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


def word(address: int) -> int:
    """The 32-bit word at an address. gdb.MemoryError where there is none."""
    return _number(address, 4)


def half(address: int) -> int:
    """The 16-bit number at an address."""
    return _number(address, 2)


def _number(address: int, size: int) -> int:
    return int.from_bytes(bytes(gdb.selected_inferior().read_memory(address & 0xFFFF_FFFF, size)), "little")


def address_of(name: str) -> int | None:
    """The address of a symbol."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))
    except gdb.error:
        return None


def symbol_at(address: int) -> str:
    """The name of what is at an address; empty where there is nothing."""
    said = gdb.execute(f"info symbol {address:#x}", to_string=True)
    return "" if said.startswith("No symbol") else said.split()[0]


class Qstrs:
    """MicroPython's interned names."""

    def __init__(self) -> None:
        try:
            self._last = int(gdb.parse_and_eval("(unsigned long)mp_state_ctx.vm.last_pool"))
        except gdb.error:  # no debug information: what the program interned itself is not known
            self._last = address_of("mp_qstr_frozen_const_pool") or 0

    def text(self, number: int) -> str:
        """The name that a number stands for."""
        pool = self._last
        while pool:
            before = word(pool + 4) & 0x7FFF_FFFF
            if number >= before:
                start = word(pool + 24 + 4 * (number - before))
                return gdb.selected_inferior().read_memory(start, 255).tobytes().split(b"\0")[0].decode()
            pool = word(pool)
        return "?"


class Prelude:
    """What precedes a function's bytecode: its name, and which instruction is of which line."""

    def __init__(self, function: int, names: Qstrs) -> None:
        """`function`: the address of its object."""
        context, start = word(function + 4), word(function + 12)
        data = bytes(gdb.selected_inferior().read_memory(start, 64))
        at, arguments = _signature(data)
        info, cells, shift = 0, 0, 0
        while True:  # the sizes of what follows, interleaved: 0b xIIIIIIC
            info |= (data[at] & 0x7E) >> 1 << 6 * shift
            cells |= (data[at] & 1) << shift
            shift += 1
            at += 1
            if not data[at - 1] & 0x80:
                break
        self.start = start
        self.code = start + at + info + cells
        table = word(context + 8)
        top = at + info
        found = []
        for _ in range(1 + arguments):
            number = 0
            while True:
                number = number << 7 | data[at] & 0x7F
                at += 1
                if not data[at - 1] & 0x80:
                    break
            found.append(number)
        self.name = names.text(half(table + 2 * found[0]))
        self.file = names.text(half(table))
        self._info = start + at, start + top

    def line(self, address: int) -> int:
        """The line of the instruction at an address."""
        offset, line = address - self.code, 1
        at, end = self._info
        while at < end:
            first = _number(at, 1)
            if first & 0x80:
                step, lines, at = first & 0xF, first << 4 & 0x700 | _number(at + 1, 1), at + 2
            else:
                step, lines, at = first & 0x1F, first >> 5, at + 1
            if offset < step:
                break
            offset -= step
            line += lines
        return line


def _signature(data: bytes) -> tuple[int, int]:
    """Where the first part of a prelude ends, and how many arguments have names: 0b xSSSSEAA, 0b xFSSKAED …"""
    at, arguments, keywords = 1, data[0] & 3, 0
    while data[at - 1] & 0x80:
        arguments |= (data[at] & 4) << at - 1
        keywords |= (data[at] >> 3 & 1) << at - 1
        at += 1
    return at, arguments + keywords


class Generated(gdb.unwinder.Unwinder):
    """Unwinds code that MicroPython's compiler made, frozen or on the heap."""

    def __init__(self) -> None:
        """Its name is what `info unwinder` shows."""
        super().__init__("micropython")

    def __call__(self, pending: "gdb.PendingFrame") -> "gdb.UnwindInfo | None":
        """The frame around; None where the code is not MicroPython's."""
        pc, sp = (int(pending.read_register(name)) & 0xFFFF_FFFF for name in ("pc", "sp"))
        try:
            if pc >= _EXCEPTION_RETURN:
                return self._interrupted(pending, pc, sp)
            return self._unwound(pending, pc, sp) if is_generated(pc) or symbol_at(pc) in NAKED else None
        except gdb.MemoryError:
            return None

    def _interrupted(self, pending: "gdb.PendingFrame", pc: int, sp: int) -> "gdb.UnwindInfo":
        """What an exception interrupted. gdb's own way does not know the Secure state of Armv8-M."""
        kind = pending.read_register("sp").type
        stack = int(pending.read_register("psp")) & 0xFFFF_FFFF if pc & _ON_PSP else sp
        saved = {name: word(stack + 4 * index) for index, name in enumerate(_STACKED)}
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
    if pc >= _EXCEPTION_RETURN:
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
    if frame.pc() >= _EXCEPTION_RETURN:
        return f"-- exception {_exception(frame.newer())} interrupted --"
    name = frame.name() or ""
    try:
        if name == INTERPRETER:
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
    if symbol in TABLE:
        file, function, kind = TABLE[symbol]
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
        stacked = next((each.older() for each in frames() if each.pc() >= _EXCEPTION_RETURN), None)
        gdb.write(f"exception {exception}\n")
        if stacked is None:
            gdb.write("what it stacked was not found\n")
            return
        values = {name: int(stacked.read_register(name)) & 0xFFFF_FFFF for name in _STACKED}
        gdb.write("".join(f"  {name:4} {value:#010x}\n" for name, value in values.items()))
        gdb.write(
            f"  at {symbol_at(values['pc']) or 'no symbol'}, called from {symbol_at(values['lr']) or 'no symbol'}\n"
        )
        status = word(_CFSR)
        gdb.write(f"  CFSR {status:#010x} HFSR {word(_CFSR + 4):#010x}\n")
        for bit, meaning in _FAULTS.items():
            if status >> bit & 1:
                gdb.write(f"    {meaning}\n")
        if status & 0x80:
            gdb.write(f"  MMFAR {word(_CFSR + 12):#010x}\n")
        if status & 0x8000:
            gdb.write(f"  BFAR {word(_CFSR + 16):#010x}\n")


def tell_of_fault(event: "gdb.StopEvent") -> None:
    """Shows what happened where a fault was caught."""
    if isinstance(event, gdb.BreakpointEvent) and gdb.newest_frame().name() in FAULT_HANDLERS:
        gdb.execute("py-fault")
        gdb.execute("py-backtrace")


gdb.events.stop.connect(tell_of_fault)
gdb.unwinder.register_unwinder(None, Generated(), replace=True)
Backtrace()
Fault()
