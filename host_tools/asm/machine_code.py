"""Machine code of native, viper and inline-assembler functions, as objdump reads it, with what it refers to named."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.asm.mpy_file import Function, Instruction
from host_tools.process import Word, run

DISASSEMBLER = "arm-none-eabi-objdump"

_LINE = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)$")
_LITERAL = re.compile(r"^ldr(?:\.w)?\s+\w+, \[pc.*@ \(?0x([0-9a-f]+)")
_TABLE_LOAD = re.compile(r"^ldr(?:\.w)?\s+(\w+), \[r7(?:, #(\d+))?\]")
_LOADS_TABLE = "ldr r7, "
_PROLOGUE = 12
"""Instructions among which the table's address is loaded."""

_WORD = 4
_HEADER = {"native": _WORD}
"""Bytes ahead of the first instruction: native code begins with the place of what it is told by."""


def instructions(function: Function, tree: Path) -> list[Instruction]:
    """Those of a function, the constants that follow them as words. `tree`: of MicroPython's source, for its names."""
    code = bytes(function.raw.fun_data)
    start = _HEADER.get(function.kind, 0)
    end = function.raw.prelude_offset if function.kind == "native" else len(code)
    code = code[start:end]
    found = _disassembled(code)
    literals = {int(load[1], 16) for each in found if (load := _LITERAL.match(each.text))}
    table = _table(tree) if function.kind != "asm_thumb" else ()
    ready = max((each.offset for each in found[:_PROLOGUE] if each.text.startswith(_LOADS_TABLE)), default=0)
    shown = []
    for each in found:
        if each.offset in literals:
            word = code[each.offset : each.offset + _WORD]
            shown.append(Instruction(each.offset, word, f".word 0x{int.from_bytes(word, 'little'):08x}"))
        elif each.offset - 2 not in literals:
            shown.append(
                Instruction(each.offset, each.data, _named(each.text, code, table if each.offset > ready else ()))
            )
    return shown


def _disassembled(code: bytes) -> list[Instruction]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "code")
        path.write_bytes(code)
        words: list[Word] = [DISASSEMBLER, "-D", "-b", "binary", "-marm", "-Mforce-thumb", path]
        output = run(words, what="disassemble")
    found = []
    for line in output.splitlines():
        if match := _LINE.match(line):
            halves = match[2].split()
            data = b"".join(int(half, 16).to_bytes(len(half) // 2, "little") for half in halves)
            text = " ".join(match[3].replace("\t", " ").replace("; ", "@ ").split())
            found.append(Instruction(int(match[1], 16), data, text))
    return found


def _named(text: str, code: bytes, table: tuple[str, ...]) -> str:
    """The instruction, with the literal that it loads or the entry of MicroPython's table."""
    if load := _LITERAL.match(text):
        at = int(load[1], 16)
        return f"{text.partition(' @')[0]} @ = 0x{int.from_bytes(code[at : at + _WORD], 'little'):08x}"
    if table and (load := _TABLE_LOAD.match(text)):
        index = int(load[2] or 0) // _WORD
        if index < len(table):
            return f"{text.partition(' @')[0]} @ {table[index]}"
    return text


@cache
def _table(tree: Path) -> tuple[str, ...]:
    """What the entries of mp_fun_table are called, to which r7 points."""
    text = (tree / "py" / "nativeglue.h").read_text(encoding="utf-8")
    return tuple(re.findall(r"^    MP_F_(\w+)(?: = 0)?,", text, re.MULTILINE))
