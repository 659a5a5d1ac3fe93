"""The runtime: MicroPython compiled for one board, without an app. Cached by everything that goes into it."""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from host_tools import generate, mpy_cross, paths, source
from host_tools.apps import Module
from host_tools.base import MAP
from host_tools.boards import Board
from host_tools.errors import BoardError, FailedError, UsageError
from host_tools.files import exclusive
from host_tools.process import Word, plain_environment, run

COMPILER = "arm-none-eabi-gcc"


@dataclass(frozen=True)
class Runtime:
    """A compiled runtime: the objects under `folder`, and the source they were made from."""

    board: Board
    folder: Path
    source: source.Source
    mpy_cross: Path

    @property
    def key(self) -> str:
        """Changes whenever anything that the runtime was made from changes."""
        return self.folder.name

    @property
    def qstr_names(self) -> Path:
        """The interned names that frozen code can refer to without bringing its own."""
        return self.folder / "genhdr" / "qstrdefs.preprocessed.h"

    @property
    def modules(self) -> list[Module]:
        """What the port itself freezes."""
        asyncio = self.source.path / "extmod" / "asyncio"
        files = [path for path in sorted(asyncio.glob("*.py")) if path.stem != "manifest"]
        return [
            Module("_boot.py", port_dir() / "_boot.py"),
            *(Module(f"asyncio/{path.name}", path, is_micropython=True) for path in files),
        ]

    def compile(self, content: Path, unit: Path) -> None:
        """Compiles what mpy-tool made, with the flags of this build."""
        self._gcc([f"@{self.folder / 'compile.rsp'}", "-c", content, "-o", unit], "compile frozen code")

    def link(self, unit: Path, linked: Path) -> None:
        """Links the image with this build's objects. FailedError for one that does not fit into flash or RAM."""
        try:
            told = f"-Wl,-Map={linked.with_name(MAP)}"
            self._gcc([f"@{self.folder / 'link.rsp'}", told, unit, "-o", linked], "link")
        except FailedError as error:
            raise too_large(error, self.board, {"CODE": "flash", "DATA": "RAM"}) from error

    def _gcc(self, arguments: list[Word], what: str) -> None:
        run([COMPILER, *arguments], what=what, cwd=port_dir(), env=plain_environment())


def runtime(board: Board, say: Callable[[str], None]) -> Runtime:
    """The runtime for `board`, compiled now if the cache does not hold it.

    `say` is told of work that takes time. Raises MissingToolError without a compiler or a source, FailedError with the
    compiler's words when it does not compile.
    """
    _check_blocks(board)
    check_name(port_dir(), "move Corten")
    check_name(paths.cache_dir(), "set CORTEN_CACHE to another folder")
    tree = source.find(say)
    check_name(tree.path, "move the checkout")
    generated = {
        "board_config.h": generate.board_header(board),
        "memory.ld": generate.linker_memory(board),
        "board.mk": generate.make_fragment(board),
    }
    cross = mpy_cross.find(tree.version, say)
    folder = paths.cache_dir() / "runtime" / _key(tree, generated)
    if not _is_complete(folder):
        with exclusive(folder, say):
            if not _is_complete(folder):
                say(f"compiling MicroPython {tree.version} for {board.name}")
                _compile(folder, tree, generated, cross)
    return Runtime(board, folder, tree, cross)


def port_dir() -> Path:
    """The folder of the MicroPython port."""
    return paths.boards_dir() / "port"


def too_large(error: FailedError, board: Board, regions: Mapping[str, str]) -> FailedError:
    """The same error in the words of a person where the linker says that a region is full; `regions` names them."""
    found = re.search(r"region `(\w+)' overflowed by (\d+) bytes", error.message)
    if not found:
        return error
    kind = regions.get(found[1], found[1])
    return FailedError(
        f"the image is {found[2]} bytes too large for the {kind} of {board.name}", fix="put less into the app"
    )


def check_name(folder: Path, fix: str) -> None:
    """UsageError for a folder that make cannot work in."""
    found = re.search(r"[\s$#:=;%'\"]", str(folder))
    if found:
        raise UsageError(f"{folder}: make cannot work with {found[0]!r} in a folder's name", fix=fix)


def _key(tree: source.Source, generated: dict[str, str]) -> str:
    compiler = run([COMPILER, "--version"], what="compile MicroPython").splitlines()[0]
    digest = hashlib.sha256(f"{tree.identity}\n{compiler}\n{port_dir()}\n".encode())
    for path in sorted(port_dir().iterdir()):
        if path.suffix != ".py" and path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name, text in generated.items():
        digest.update(f"{name}\0{text}".encode())
    return digest.hexdigest()[:20]


def _check_blocks(board: Board) -> None:
    console = board.console_peripheral.block
    known = sorted(path.stem for path in port_dir().glob("*.c") if path.stem.startswith(("uart_", "usart_")))
    if console not in known:
        raise BoardError(
            f"{board.name}: the port has no driver for a console of the block {console}",
            fix=f"use a UART of the blocks {', '.join(known)}, or add {port_dir() / console}.c",
        )
    for block in generate.port_blocks(board):
        if not (port_dir() / f"{block}.c").exists():
            raise BoardError(f"{board.name}: the port cannot set up {block}", fix=f"add {port_dir() / block}.c")


def _is_complete(folder: Path) -> bool:
    return (folder / "complete").exists()


def _compile(folder: Path, tree: source.Source, generated: dict[str, str], cross: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    headers = folder / "generated"
    headers.mkdir(parents=True)
    for name, text in generated.items():
        (headers / name).write_text(text, encoding="utf-8")
    command: list[Word] = [
        "make", f"-j{os.cpu_count() or 1}", "-C", port_dir(), f"PYTHON={sys.executable}", f"MICROPYTHON={tree.path}",
        f"GENERATED={headers}", f"BUILD={folder}", f"MICROPY_MPYCROSS={cross}", "MICROPY_MPYCROSS_DEPENDENCY=",
    ]  # fmt: skip
    run(command, what=f"compile MicroPython {tree.version}", env=plain_environment())
    if _key(tree, generated) != folder.name:
        raise FailedError(f"{port_dir()} was changed while it was being compiled", fix="repeat")
    (folder / "complete").touch()
