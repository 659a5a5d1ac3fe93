"""The machine code that mpy-cross makes of a module, and whether a core without the later instructions runs it."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from host_tools import mpy_cross, source
from host_tools.runtime import COMPILER

_OBJDUMP, _AS, _NM = (COMPILER.replace("gcc", name) for name in ("objdump", "as", "nm"))
_VIPER, _ASSEMBLY = 4, 5  # kinds of code in an .mpy file
_LATER_REGISTERS = ("BASEPRI", "FAULTMASK")  # the assembler accepts them for every core
_LOAD_NUMBER, _AND_SKIP_IT = 0x4800, 0xE001  # ldr rN, [pc, 0]; b: over the number


def assembly(module: Path, folder: Path) -> dict[str, bytes]:
    """The inline-assembler functions of a module, compiled for Armv6-M: their names, with a number, and code.

    What a template has for its parameters is left out.
    """
    output = folder / "module.mpy"
    mpy_cross.compile_file(_cross(), module, module.name, output, "armv6m", module)
    return {name: _without_parameters(code) for name, code in _functions(output, _ASSEMBLY)}


def viper(output: Path) -> dict[str, bytes]:
    """The viper functions of an .mpy file for Armv6-M, with the numbers between their instructions left out."""
    return {name: _without_numbers(code) for name, code in _functions(output, _VIPER)}


def not_in_armv6m(code: bytes, folder: Path) -> list[str]:
    """The instructions of `code` that a Cortex-M0+ does not have, as objdump writes them."""
    found = _disassembled(code, folder)
    text = folder / "code.s"
    lines = [re.sub(r"^(b\w*(?:\.n|\.w)?)\s+0x[0-9a-f]+$", r"\1 .", line) for line in found]
    text.write_text("\n".join([".syntax unified", ".thumb", *lines, ""]), encoding="utf-8")
    made = subprocess.run(
        [_AS, "-mcpu=cortex-m0plus", "-o", folder / "code.o", text], capture_output=True, text=True, check=False
    )
    refused = {int(number) - 3 for number in re.findall(r"code\.s:(\d+): Error", made.stderr)}
    refused |= {index for index, line in enumerate(found) if any(name in line for name in _LATER_REGISTERS)}
    assert made.returncode == 0 or refused, made.stderr
    return [found[index] for index in sorted(refused)]


def frozen_code(elf: Path) -> dict[str, int]:
    """The names and addresses of the frozen functions of an image that are machine code."""
    printed = subprocess.run([_NM, elf], capture_output=True, text=True, check=True).stdout
    return {name: int(at, 16) for at, name in re.findall(r"^(\w+) t (fun_data_\w+)$", printed, re.MULTILINE)}


@cache
def _cross() -> Path:
    return mpy_cross.find(source.find(print).version, print)


@cache
def _mpy_tool() -> Any:  # a script of MicroPython, which has no types
    tree = source.find(print).path
    sys.path.insert(0, str(tree / "py"))
    try:
        spec = importlib.util.spec_from_file_location("mpy_tool", tree / "tools" / "mpy-tool.py")
        assert spec is not None
        assert spec.loader is not None
        tool: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tool)
    finally:
        del sys.path[0]
    assert isinstance(tool, ModuleType)
    return tool


def _functions(output: Path, kind: int) -> Iterator[tuple[str, bytes]]:
    tool = _mpy_tool()
    tool.global_qstrs = tool.GlobalQStrList()
    tool.config.native_arch = tool.MP_NATIVE_ARCH_NONE
    tool.config.mp_small_int_bits = 31
    codes = [tool.read_mpy(str(output)).raw_code]
    for number, code in enumerate(codes):  # grows as it goes
        codes += code.children
        if code.code_kind == kind:
            yield f"{code.simple_name.str} {number}", bytes(code.fun_data)


def _without_parameters(code: bytes) -> bytes:
    start = _halfword(code, 2)
    return code[:6] + code[6 + 2 * (start & 0x3FF) :] if start & 0xFC00 == 0xE000 else code


def _without_numbers(code: bytes) -> bytes:
    made, at = b"", 0
    while at < len(code):
        made += code[at : at + 2]
        is_load = _halfword(code, at) & 0xF8FF == _LOAD_NUMBER and _halfword(code, at + 2) == _AND_SKIP_IT
        at += 8 if is_load else 2
    return made


def _disassembled(code: bytes, folder: Path) -> list[str]:
    path = folder / "code.bin"
    path.write_bytes(code)
    command = [_OBJDUMP, "-D", "-b", "binary", "-m", "arm", "-M", "force-thumb", path]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    columns = [line.split("\t") for line in printed.splitlines()]
    return [re.split("[@;]", " ".join(each[2:]))[0].strip() for each in columns if len(each) > 2]


def _halfword(code: bytes, at: int) -> int:
    return int.from_bytes(code[at : at + 2], "little")
