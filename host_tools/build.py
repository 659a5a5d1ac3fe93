"""An app, the firmware package and the board's module, lowered, frozen and linked to the runtime: one image."""

import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from host_tools import elf, generate, logs, mpy_cross, paths, project, uf2
from host_tools.apps import Module, app_modules, python_files
from host_tools.base import Base, base_of
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.files import exclusive, write_whole
from host_tools.logs import Logs
from host_tools.process import Word, run_for_bytes

if TYPE_CHECKING:
    from host_tools.lower import Core, Lowered

_SPLICING = ("splice.py", "channel_code.py", "source_code.py")

NO_APP = "repl"
"""The name of the image without an app: it boots to the prompt."""

_NOT_STARTED = "-waiting"
_STARTED, _IMPORTED = "main.py", "main/__init__.py"
"""What an app starts with: MicroPython runs a module of the first name at boot, and imports either as `main`."""


@dataclass(frozen=True)
class Lowering:
    """What is lowered."""

    accesses: bool
    locks: bool
    basepri: bool
    logs: Logs


@dataclass(frozen=True)
class Image:
    """What an emulator or a board boots; `uf2`: the same for a boot loader that takes UF2 files."""

    board: Board
    app: str
    elf: Path
    micropython: str
    uf2: Path | None = None

    @property
    def log_table(self) -> Path:
        """The texts of its framed log lines; there is no such file where lines are text."""
        return self.elf.with_name(logs.TABLE)


def build(
    board: Board,
    app: str | None,
    say: Callable[[str], None],
    lower: bool = True,
    locks: bool = True,
    basepri: bool = True,
    start: bool = True,
    log_lines: Logs | None = None,
) -> Image:
    """Builds the image of `app` for `board`, or the one without an app; does nothing when it is up to date.

    `app` is a folder with a main.py, one .py file, or the name of a folder in firmware/apps or firmware/bench. `lower`:
    whether register accesses become plain loads and stores and, with `locks`, locks what masks interrupts; without
    `basepri`, as for a core that has no BASEPRI. Without `start` the app does not run at boot: `import main` runs it.
    Raises UsageError for an app that is not there and for an access or a lock that can only fail, FailedError with file
    and line for an app that does not compile, and for one that does not fit.

    `log_lines`: what becomes of them, None for what corten.toml says.
    """
    name, modules = app_modules(app) if app else (NO_APP, [])
    base = base_of(board, say)
    folder = paths.build_dir() / board.name / (name if start else f"{name}{_NOT_STARTED}")
    with exclusive(folder, say):
        folder.mkdir(exist_ok=True)
        image = Image(board, name, folder / "firmware.elf", base.source.version, _uf2(board, folder))
        _build(
            image, base, modules, folder, say, Lowering(lower, locks, basepri, log_lines or logs.of_project()), start
        )
    _check_budget(image, app, say)
    return image


def lowering(
    board: Board, app: str | None, say: Callable[[str], None], locks: bool = True, log_lines: Logs | None = None
) -> dict[Path, "Lowered"]:
    """What lowering does to each source file of an image, those of the app first. Raises as `build`."""
    name, modules = app_modules(app) if app else (NO_APP, [])
    folder = paths.build_dir() / board.name / name
    with exclusive(folder, say):
        folder.mkdir(exist_ok=True)
        together = _all_modules(board, base_of(board, say), modules, folder)
    lowered = _lowered(board, together, Lowering(True, locks, True, log_lines or logs.of_project()))
    own = {module.path for module in modules}
    ordered = sorted(together, key=lambda each: each.path not in own)
    return {module.path: lowered[module.name] for module in ordered if module.name in lowered}


def image_modules(board: Board, app: str | None, say: Callable[[str], None]) -> list[Module]:
    """The modules of an image that was built, each with the file that was compiled. Raises as `build`."""
    name, modules = app_modules(app) if app else (NO_APP, [])
    folder = paths.build_dir() / board.name / name
    with exclusive(folder, say):
        together = _all_modules(board, base_of(board, say), modules, folder)
    lowered = folder / "lowered"
    return [replace(each, lowered=path) if (path := lowered / each.name).exists() else each for each in together]


def _uf2(board: Board, folder: Path) -> Path | None:
    return folder / "firmware.uf2" if board.chip.uf2_family is not None else None


def _build(
    image: Image,
    base: Base,
    app: list[Module],
    folder: Path,
    say: Callable[[str], None],
    lower: Lowering,
    start: bool,
) -> None:
    board = image.board
    modules = _all_modules(board, base, app, folder)
    made = [path for path in (image.elf, image.uf2) if path]
    stamp, key = folder / "inputs", _key(base, modules, lower)
    if all(path.exists() for path in (*made, stamp)) and stamp.read_text(encoding="utf-8") == key:
        return
    stamp.unlink(missing_ok=True)
    say(f"building {image.app} for {board.name}")
    _identify(board, folder, key)
    shutil.rmtree(folder / "lowered", ignore_errors=True)
    if lower.accesses:
        modules = written(board, modules, folder / "lowered", lower)
    if not start:
        modules = [replace(each, name=_IMPORTED) if each.name == _STARTED else each for each in modules]
    freeze_and_link(base, board, modules, image.elf)
    if image.uf2 and board.chip.uf2_family is not None:
        write_whole(image.uf2, uf2.write(elf.loaded(image.elf), board.chip.uf2_family))
    write_whole(stamp, key)


def _check_budget(image: Image, app: str | None, say: Callable[[str], None]) -> None:
    """FailedError for an image that takes more than corten.toml allows."""
    budget = project.settings().budget
    if budget != project.Budget():
        from host_tools.size import budget as budgets
        from host_tools.size.image import measured

        if not budgets.is_checked(image.elf, budget):
            budgets.check(measured(image, app, say), budget, image.elf.parent)


def _all_modules(board: Board, base: Base, app: list[Module], folder: Path) -> list[Module]:
    generated = folder / "board.py"
    write_whole(generated, generate.board_module(board))
    own = python_files(paths.firmware_dir() / "corten", "corten/")
    own = [
        replace(each, path=logs.filter_file(folder, each.path)) if each.name == logs.FILTER else each for each in own
    ]
    return _joined([*base.modules, *own, Module("board.py", generated)], app)


def _identify(board: Board, folder: Path, key: str) -> None:
    """Lets the image say which one it is, as `board.BUILD`: host_tools/flashers/checks.py looks for it."""
    with open(folder / "board.py", "a", encoding="utf-8") as module:
        module.write(f'\nBUILD = "corten:{board.name}:{key[:16]}"\n')


def _lowered(board: Board, modules: list[Module], lowering: Lowering) -> dict[str, "Lowered"]:
    from host_tools.lower import lower

    texts = {}
    for module in modules:
        if module.is_micropython:
            continue
        try:
            texts[module.name] = module.path.read_bytes().decode()
        except UnicodeDecodeError:
            continue  # the compiler says what is wrong with it
    return lower(
        texts,
        {module.name: str(module.path) for module in modules},
        _core(board, lowering.basepri),
        lowering.locks,
        logs=lowering.logs,
    )


def _core(board: Board, basepri: bool) -> "Core":
    from host_tools.lower import Core

    core = board.chip.core
    return Core(core.priority_bits, core.has_basepri and basepri, board.chip.lines, board.dispatchers)


def written(board: Board, modules: list[Module], folder: Path, lower: Lowering | None = None) -> list[Module]:
    """The modules of an image, with a file in `folder` for each that lowering changes. UsageError as `build`.

    `lower`: all of it when None. Beside `folder` are the texts of framed log lines.
    """
    lowered = _lowered(board, modules, lower or Lowering(True, True, True, logs.of_project()))
    logs.write_table(folder.with_name(logs.TABLE), [each for found in lowered.values() for each in found.formats])
    made = []
    for module in modules:
        found = lowered.get(module.name)
        if found is None or not found.is_changed:
            made.append(module)
            continue
        path = folder / module.name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, found.text)
        made.append(replace(module, lowered=path, placeholders=found.placeholders))
    return made


def _joined(system: list[Module], app: list[Module]) -> list[Module]:
    taken = {module.name for module in system}
    for module in app:
        if module.name in taken:
            raise UsageError(
                f"{module.path}: Corten has a module of that name itself", fix="give the file another name"
            )
    return [*system, *app]


def _key(base: Base, modules: list[Module], lower: Lowering) -> str:
    digest = hashlib.sha256(base.key.encode() + Path(__file__).read_bytes() + Path(uf2.__file__).read_bytes())
    digest.update(lowering_key() + repr(lower).encode() if lower.accesses else b"")
    for module in modules:
        digest.update(module.name.encode() + b"\0" + module.path.read_bytes())
    return digest.hexdigest()


@cache
def lowering_key() -> bytes:
    """Changes with the code that lowers."""
    folders = (Path(__file__).parent / name for name in ("lower", "registers"))
    paths_of_all = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    return b"\0".join(
        path.read_bytes() for path in [*paths_of_all, *(Path(__file__).with_name(name) for name in _SPLICING)]
    )


def freeze_and_link(base: Base, board: Board, modules: list[Module], linked: Path) -> None:
    """Links an image of these modules, as they are, at `linked`. FailedError for one that does not compile or fit."""
    compiled = [compile_module(base.source.version, base.mpy_cross, board.mpy_arch, module) for module in modules]
    tool = base.source.path / "tools" / "mpy-tool.py"
    freeze: list[Word] = [sys.executable, tool, "--freeze", "-q", base.qstr_names, "-mlongint-impl=mpz", *compiled]
    frozen, unit, partial = (linked.with_name(name) for name in ("frozen_content.c", "frozen_content.o", "partial.elf"))
    # An Armv6-M core loads the word with which a native function begins, and the constants in its code, from multiples
    # of four alone; mpy-tool places the code at multiples of two.
    frozen.write_bytes(run_for_bytes(freeze, what="freeze").replace(b"aligned (2)", b"aligned (4)"))
    base.compile(frozen, unit)
    base.link(unit, partial)
    partial.replace(linked)


def compile_module(version: str, cross: Path, arch: str, module: Module) -> Path:
    """A module's .mpy file in the cache, for a version of MicroPython and the native code of `arch`.

    FailedError with file and line when it does not compile.
    """
    source = module.lowered or module.path
    content = hashlib.sha256(f"{version} {arch} {module.name} {module.optimise}\0".encode())
    content.update(source.read_bytes())
    if module.placeholders:
        content.update(repr(module.placeholders).encode() + lowering_key())
    output = paths.cache_dir() / "mpy" / f"{content.hexdigest()[:24]}.mpy"
    if not output.exists():
        mpy_cross.compile_file(
            cross, source, module.name, output, arch, module.path, module.placeholders, module.optimise
        )
    return output
