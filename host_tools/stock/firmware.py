"""MicroPython's own firmware for a board, without an app. Cached by everything that goes into it."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from host_tools import elf, mpy_cross, paths, source
from host_tools.apps import Module
from host_tools.board_models import Firmware
from host_tools.boards import Board
from host_tools.errors import FailedError, UsageError
from host_tools.files import exclusive, write_whole
from host_tools.process import Word, run
from host_tools.runtime import COMPILER, check_name, too_large
from host_tools.stock import cmake, manifest
from host_tools.stock.ports import PORTS, Port
from host_tools.stock.submodules import with_submodules

COMMANDS, MODULES = "commands.json", "modules.json"


@dataclass(frozen=True)
class StockFirmware:
    """A compiled port: the objects under `folder`, and the source they were made from."""

    board: Board
    folder: Path
    source: source.Source
    mpy_cross: Path

    @property
    def key(self) -> str:
        """Changes whenever anything that the firmware was made from changes."""
        return self.folder.name

    @property
    def qstr_names(self) -> Path:
        """The interned names that frozen code can refer to without bringing its own."""
        return self.folder / "build" / "genhdr" / "qstrdefs.preprocessed.h"

    @property
    def modules(self) -> list[Module]:
        """What the port itself freezes."""
        found = json.loads((self.folder / MODULES).read_text(encoding="utf-8"))["modules"]
        return [Module(name, Path(path), optimise=level, is_micropython=True) for name, path, level in found]

    def compile(self, content: Path, unit: Path) -> None:
        """Compiles what mpy-tool made."""
        self._commands.compile_content(content, unit)

    def link(self, unit: Path, linked: Path) -> None:
        """Links the image. FailedError for one that does not fit into the flash that the file system leaves, or RAM."""
        firmware, port = _parts(self.board)
        try:
            self._commands.link_with(unit, linked)
        except FailedError as error:
            raise too_large(error, self.board, port.regions) from error
        flash = self.board.chip.memory[firmware.memory].base
        end = max(address + len(data) for address, data in elf.loaded(linked))
        excess = end - flash - self.board.runtime_bytes(firmware.memory)
        if excess > 0:
            raise FailedError(
                f"the image is {excess} bytes too large for the flash of {self.board.name}, less its file system",
                fix="put less into the app",
            )

    @cached_property
    def _commands(self) -> cmake.Commands:
        return cmake.Commands.kept_in(self.folder / COMMANDS)


def stock_firmware(board: Board, say: Callable[[str], None]) -> StockFirmware:
    """MicroPython's own firmware for `board`, compiled now if the cache does not hold it.

    `say` is told of work that takes time, and of what the source does not hold. Raises MissingToolError without a
    compiler, CMake or a source, FailedError with the compiler's words when it does not compile.
    """
    firmware, port = _parts(board)
    tree = with_submodules(source.find(say), port.submodules, say)
    check_name(paths.cache_dir(), "set CORTEN_CACHE to another folder")
    check_name(tree.path, "move the checkout")
    place = tree.path / "ports" / firmware.port
    if not (place / "boards" / firmware.board).is_dir():
        raise UsageError(
            f"{board.name}: MicroPython {tree.version} has no board {firmware.board} in {place / 'boards'}",
            fix="correct firmware.board in the board's file",
        )
    cross = mpy_cross.find(tree.version, say)
    folder = paths.cache_dir() / "firmware" / _key(tree, firmware, port)
    if not (folder / "complete").exists():
        with exclusive(folder, say):
            if not (folder / "complete").exists():
                say(f"compiling MicroPython {tree.version}, port {firmware.port}, for {firmware.board}")
                _compile(folder, tree, firmware, port, cross, say)
    return StockFirmware(board, folder, tree, cross)


def compile_port(folder: Path, tree: source.Source, firmware: Firmware, cross: Path) -> None:
    """Compiles the port of `tree` into `folder`, with nothing frozen in. FailedError with the compiler's words."""
    port, place = PORTS[firmware.port], tree.path / "ports" / firmware.port
    board = place / "boards" / firmware.board
    options: list[Word] = [f"-DMICROPY_BOARD={firmware.board}", f"-DMICROPY_BOARD_DIR={board}", *port.options]
    cmake.build(folder, place, options, port.environment, cross)


def _parts(board: Board) -> tuple[Firmware, Port]:
    if board.firmware is None:
        raise ValueError(f"{board.name} runs Corten's own port")
    return board.firmware, PORTS[board.firmware.port]


def _key(tree: source.Source, firmware: Firmware, port: Port) -> str:
    tools = [run([tool, "--version"], what="compile MicroPython").splitlines()[0] for tool in (COMPILER, cmake.CMAKE)]
    folders = "" if tree.is_packaged else source.fingerprint(tree.path, port.folders)
    digest = hashlib.sha256("\n".join([tree.identity, *tools, folders, repr(port), repr(firmware)]).encode())
    for module in (cmake, manifest):
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()[:20]


def _compile(
    folder: Path, tree: source.Source, firmware: Firmware, port: Port, cross: Path, say: Callable[[str], None]
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    compile_port(folder, tree, firmware, cross)
    cmake.Commands.written_by(folder / "build").keep(folder / COMMANDS)
    (folder / "build" / "genhdr" / "qstr.i.last").unlink(missing_ok=True)  # more than half of the folder's bytes
    place = tree.path / "ports" / firmware.port
    board = place / "boards" / firmware.board
    command: list[Word] = [sys.executable, str(manifest.__file__), tree.path, place, board, folder / "modules"]
    frozen = run(command, what="read what the port freezes")
    write_whole(folder / MODULES, frozen)
    if missing := json.loads(frozen)["missing"]:
        say(f"left out, as the source lacks micropython-lib: {', '.join(missing)}")
    if _key(tree, firmware, port) != folder.name:
        raise FailedError(f"{tree.path} was changed while it was being compiled", fix="repeat")
    (folder / "complete").touch()
