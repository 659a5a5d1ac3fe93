"""Types of device code: mypy against MicroPython's own modules, the inline assembler left out.

`python -m host_tools.device_types` checks what firmware/mypy.ini names. Operands of the inline assembler (`r0`, labels)
are no Python names: what mypy says inside such a function is dropped, and mpy-cross checks those functions instead.
"""

import ast
import importlib.metadata
import os
import re
import sys
from functools import cache
from pathlib import Path

from host_tools import paths
from host_tools.boards import load_board
from host_tools.generate import board_module
from host_tools.project import settings

ASSEMBLERS = ("asm_thumb", "viper")
STUBS = ("micropython-stm32-stubs", "micropython-stdlib-stubs")


def main() -> int:
    """Prints what is wrong; 1 when something is."""
    from mypy import api

    stubs = _gather_stubs()
    os.environ["MYPYPATH"] = str(stubs)
    output, problems, _ = api.run(["--config-file", "firmware/mypy.ini", "--custom-typeshed-dir", str(stubs)])
    kept = [line for line in output.splitlines() if not _is_in_assembler(line)]
    wrong = [line for line in kept if ": error:" in line]
    if wrong or problems:
        sys.stdout.write("\n".join([*wrong, problems.strip(), f"device code: {len(wrong)} errors", ""]))
        return 1
    sys.stdout.write("device code: types are good\n")
    return 0


def _gather_stubs() -> Path:
    """A folder with MicroPython's modules alone, which mypy takes in place of CPython's, and the module `board`."""
    folder = paths.build_dir() / "device-stubs"
    for name in STUBS:
        for file in importlib.metadata.files(name) or ():
            if ".dist-info" in file.parts[0] or file.parts[0] == "__builtins__.pyi":
                continue
            link = folder / file
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(Path(str(file.locate())).resolve())
    (folder / "board.py").write_text(board_module(load_board(settings().board)), encoding="utf-8")
    return folder


def _is_in_assembler(line: str) -> bool:
    place = re.match(r"(.+?):(\d+):", line)
    if not place:
        return False
    return any(first <= int(place[2]) <= last for first, last in _assembler_functions(place[1]))


@cache
def _assembler_functions(path: str) -> list[tuple[int, int]]:
    """First and last line of each function of a file that is not ordinary Python."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Attribute) and mark.attr in ASSEMBLERS for mark in node.decorator_list)
    ]


if __name__ == "__main__":
    sys.exit(main())
