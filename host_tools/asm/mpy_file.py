"""Compiled modules, read with MicroPython's own mpy-tool: functions with their code, names and constants."""

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from host_tools.errors import FailedError
from host_tools.python_scopes import PythonScope

KINDS = {2: "bytecode", 3: "native", 4: "viper", 5: "asm_thumb"}
"""mpy-tool's numbers of the kinds of code, as MicroPython's MP_CODE_…"""

_LINE_INFO_SHORT = 0x80


@dataclass(frozen=True)
class Instruction:
    """One instruction. `offset` from the first one of its function; `line` of the source, 0 where that is not known."""

    offset: int
    data: bytes
    text: str
    line: int = 0


@dataclass(frozen=True)
class Function:
    """A function that was compiled, its name and lines by the source where they are known."""

    scope: PythonScope | None
    name: str
    kind: str
    raw: Any = field(repr=False)
    children: "tuple[Function, ...]" = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of its code, with what precedes and follows it."""
        return len(self.raw.fun_data)


class MpyTool:
    """mpy-tool of a tree of MicroPython's source."""

    def __init__(self, tree: Path) -> None:
        """FailedError for a tree whose mpy-tool is not as expected."""
        sys.path.append(str(tree / "py"))
        try:
            tool: Any = _load(tree / "tools" / "mpy-tool.py")
            tool.config.native_arch = tool.MP_NATIVE_ARCH_NONE
            tool.config.MICROPY_LONGINT_IMPL = tool.config.MICROPY_LONGINT_IMPL_MPZ
            tool.global_qstrs = tool.GlobalQStrList()
        except (OSError, AttributeError) as error:
            raise FailedError(f"{tree}: its mpy-tool is not as expected: {error}") from error
        finally:
            sys.path.remove(str(tree / "py"))
        self._tool = tool

    def read(self, path: Path, scope: PythonScope | None) -> Function:
        """A compiled module. `scope`: that of the source that it was made of."""
        return self._function(self._tool.read_mpy(str(path)).raw_code, scope, scope.path if scope else "<module>")

    def _function(self, raw: Any, scope: PythonScope | None, name: str) -> Function:
        inner = scope.children if scope and len(scope.children) == len(raw.children) else None
        children = []
        for number, child in enumerate(raw.children):
            own = inner[number] if inner else None
            around = "" if name == "<module>" else f"{name}."
            children.append(self._function(child, own, own.path if own else around + str(child.simple_name.str)))
        return Function(scope, name, KINDS.get(raw.code_kind, "code"), raw, tuple(children))

    def instructions(self, function: Function) -> list[Instruction]:
        """Those of a function that is bytecode."""
        raw, found = function.raw, []
        code, at = raw.fun_data, raw.offset_opcodes
        lines = _lines(code[raw.offset_line_info : raw.offset_closure_info])
        while at < len(code):
            kind, size, argument, extra = self._tool.mp_opcode_decode(code, at)
            start = at - raw.offset_opcodes
            text = self._text(function, code[at], kind, argument, extra, start + size)
            found.append(Instruction(start, bytes(code[at : at + size]), text, _line_at(lines, start)))
            at += size
        return found

    def _text(self, function: Function, opcode: int, kind: int, argument: Any, extra: int | None, behind: int) -> str:
        tool, raw = self._tool, function.raw
        name = tool.Opcode.mapping[opcode]
        if argument is None:
            words = []
        elif opcode == tool.Opcode.MP_BC_LOAD_CONST_OBJ:
            words = [repr(raw.obj_table[argument])]
        elif name.startswith(("MAKE_FUNCTION", "MAKE_CLOSURE")):
            words = [function.children[argument].name]
        elif kind == tool.MP_BC_FORMAT_QSTR:
            words = [str(raw.qstr_table[argument].str)]
        elif kind == tool.MP_BC_FORMAT_OFFSET:
            words = [f"-> {behind + argument}"]
        else:
            words = [str(argument)]
        return " ".join([name, *words, *([str(extra)] if extra is not None else [])])


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mpy_tool", path)
    if spec is None or spec.loader is None:
        raise OSError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _lines(info: bytes) -> list[tuple[int, int]]:
    """(offset, line) of where lines begin: pairs of steps, as py/bc.h has them."""
    found, offset, line, at = [], 0, 1, 0
    while at < len(info):
        first = info[at]
        if first & _LINE_INFO_SHORT and at + 1 < len(info):
            offset += first & 0xF
            line += first << 4 & 0x700 | info[at + 1]
            at += 2
        else:
            offset += first & 0x1F
            line += first >> 5
            at += 1
        found.append((offset, line))
    return found


def _line_at(lines: list[tuple[int, int]], offset: int) -> int:
    line = 0
    for start, number in lines:
        if start > offset:
            break
        line = number
    return line
