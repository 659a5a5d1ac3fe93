"""MicroPython's own port for the emulator, built from the same source: what this project's images are compared with."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from host_tools import mpy_cross, paths
from host_tools.boards import Board
from host_tools.build import Image
from host_tools.files import exclusive
from host_tools.process import Word, plain_environment, run
from host_tools.runtime import COMPILER
from host_tools.source import Source
from host_tools.targets.qemu import emulator_of

APP = "stock"


def build(board: Board, tree: Source, say: Callable[[str], None]) -> Image | None:
    """The port's image for this board, kept in the cache; None when the port does not have the board."""
    name = emulator_of(board).machine.upper().replace("-", "_")
    port = tree.path / "ports" / "qemu"
    if not (port / "boards" / name).is_dir():
        return None
    compiler = run([COMPILER, "--version"], what="find the compiler").splitlines()[0]
    key = hashlib.sha256(f"{tree.identity}\n{compiler}\n{name}".encode()).hexdigest()[:20]
    folder = paths.cache_dir() / "stock" / key
    elf, complete = folder / "firmware.elf", folder / "complete"
    with exclusive(folder, say):
        if not complete.exists():
            say(f"compiling MicroPython's own {name}, to compare with")
            _compile(port, name, folder, mpy_cross.find(tree.version, say))
            complete.touch()
    return Image(board, APP, elf, tree.version)


def _compile(port: Path, name: str, folder: Path, cross: Path) -> None:
    """Builds outside the source, with no frozen modules: the packaged source lacks the library that they come from."""
    library = folder / "no-library"
    library.mkdir(parents=True, exist_ok=True)
    (library / "README.md").touch()
    command: list[Word] = [
        "make", f"-j{os.cpu_count() or 1}", "-C", port, f"BOARD={name}", f"BUILD={folder}", f"MPY_LIB_DIR={library}",
        "FROZEN_MANIFEST=", f"MICROPY_MPYCROSS={cross}", "MICROPY_MPYCROSS_DEPENDENCY=",
    ]  # fmt: skip
    run(command, what=f"compile MicroPython's own {name}", env=plain_environment())
