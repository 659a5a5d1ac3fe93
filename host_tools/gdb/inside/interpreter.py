"""What the interpreter's state says: names, and which line an instruction is of.

Layouts: py/bc.h, py/objfun.h, py/qstr.h.
"""

import gdb

from .memory import half, number, word


def _address_of(name: str) -> int | None:
    """The address of a symbol."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))
    except gdb.error:
        return None


class Qstrs:
    """MicroPython's interned names."""

    def __init__(self) -> None:
        try:
            self._last = int(gdb.parse_and_eval("(unsigned long)mp_state_ctx.vm.last_pool"))
        except gdb.error:  # no debug information: what the program interned itself is not known
            self._last = _address_of("mp_qstr_frozen_const_pool") or 0

    def text(self, qstr: int) -> str:
        """The name that a number stands for."""
        pool = self._last
        while pool:
            before = word(pool + 4) & 0x7FFF_FFFF
            if qstr >= before:
                start = word(pool + 24 + 4 * (qstr - before))
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
            index = 0
            while True:
                index = index << 7 | data[at] & 0x7F
                at += 1
                if not data[at - 1] & 0x80:
                    break
            found.append(index)
        self.name = names.text(half(table + 2 * found[0]))
        self.file = names.text(half(table))
        self._info = start + at, start + top

    def line(self, address: int) -> int:
        """The line of the instruction at an address."""
        offset, line = address - self.code, 1
        at, end = self._info
        while at < end:
            first = number(at, 1)
            if first & 0x80:
                step, lines, at = first & 0xF, first << 4 & 0x700 | number(at + 1, 1), at + 2
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
