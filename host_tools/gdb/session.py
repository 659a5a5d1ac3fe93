"""gdb on an image: its command line, and the text in which it is told what to load and where to stop."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from host_tools.build import Image
from host_tools.elf_symbols import read_elf
from host_tools.errors import MissingToolError
from host_tools.gdb import PROGRAMS
from host_tools.gdb.places import Code

FAULT_HANDLERS = ("report_fault", "isr_hardfault", "HardFault_Handler")
"""Where faults end: Corten's port, the Pico SDK, CMSIS."""


def program() -> str:
    """The debugger. MissingToolError without one."""
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise MissingToolError(f"{PROGRAMS[0]} is not installed", fix="corten doctor --fix --gdb")


def command(
    image: Image, remote: str, code: Sequence[Code], told: Sequence[str], folder: Path, batch: bool
) -> list[str]:
    """What starts gdb on a target at `remote`, which waits there.

    `code`: of frozen functions; `told`: what else gdb is told, in its own words. It stops at faults. Files that it
    needs are put into `folder`.
    """
    table = {each.symbol: [each.file, each.function, each.kind] for each in code}
    (folder / "table.json").write_text(json.dumps(table), encoding="utf-8")
    handlers = [symbol.name for symbol in read_elf(image.elf).symbols if symbol.name in FAULT_HANDLERS]
    lines = [
        "set pagination off",
        "set confirm off",
        "set backtrace past-entry on",  # of an image whose entry is 0, gdb takes what it does not know for it
        f'file "{image.elf}"',
        f"python import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})",
        f"python from inside.commands import start; start({str(folder / 'table.json')!r}, {handlers})",
        f"target remote {remote}",
        *(f"break {name}" for name in handlers),
        *told,
    ]
    script = folder / "start.gdb"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [program(), "-nx", "-q", *(["-batch"] if batch else []), "-x", str(script)]
