"""An app, the firmware package and the board's module, frozen and linked to the runtime: one image."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host_tools import generate, mpy_cross, paths
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.process import run
from host_tools.runtime import COMPILER, Runtime, port_dir, runtime

NO_APP = "repl"
"""The name of the image without an app: it boots to the prompt."""


@dataclass(frozen=True)
class Image:
    """What an emulator or a board boots."""

    board: Board
    app: str
    elf: Path
    micropython: str


@dataclass(frozen=True)
class Module:
    """A source file and the name under which the firmware imports it, for example `corten/irq.py`."""

    name: str
    path: Path


def build(board: Board, app: str | None, say: Callable[[str], None]) -> Image:
    """Builds the image of `app` for `board`, or the one without an app; does nothing when it is up to date.

    `app` is the name of a folder in firmware/apps, a folder with a main.py, or one .py file. Raises UsageError for an
    app that is not there, FailedError with file and line for one that does not compile.
    """
    name, modules = app_modules(app) if app else (NO_APP, [])
    base = runtime(board, say)
    folder = paths.build_dir() / board.name / name
    folder.mkdir(parents=True, exist_ok=True)
    generated = folder / "board.py"
    _write_if_changed(generated, generate.board_module(board))
    modules = [*_system_modules(base), Module("board.py", generated), *modules]
    elf = folder / "firmware.elf"
    stamp, key = folder / "inputs", _key(base, modules)
    if not (elf.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == key):
        stamp.unlink(missing_ok=True)
        say(f"building {name} for {board.name}")
        _freeze_and_link(base, board, modules, elf)
        stamp.write_text(key, encoding="utf-8")
    return Image(board, name, elf, base.source.version)


def app_modules(app: str) -> tuple[str, list[Module]]:
    """An app's name and modules; the one that runs is called main.py."""
    path = paths.firmware_dir() / "apps" / app
    if not path.is_dir():
        path = Path(app)
    if path.is_file() and path.suffix == ".py":
        return path.stem, [Module("main.py", path.resolve())]
    if (path / "main.py").is_file():
        return path.resolve().name, _tree(path, "")
    known = sorted(found.parent.name for found in (paths.firmware_dir() / "apps").glob("*/main.py"))
    raise UsageError(
        f"there is no app {app!r}",
        fix=f"give a .py file, a folder with a main.py, or one of: {', '.join(known)}",
    )


def _system_modules(base: Runtime) -> list[Module]:
    asyncio = base.source.path / "extmod" / "asyncio"
    return [
        Module("_boot.py", port_dir() / "_boot.py"),
        *_tree(paths.firmware_dir() / "corten", "corten/"),
        *(Module(f"asyncio/{path.name}", path) for path in sorted(asyncio.glob("*.py")) if path.stem != "manifest"),
    ]


def _tree(folder: Path, prefix: str) -> list[Module]:
    return [Module(f"{prefix}{path.relative_to(folder)}", path.resolve()) for path in sorted(folder.rglob("*.py"))]


def _key(base: Runtime, modules: list[Module]) -> str:
    digest = hashlib.sha256(base.key.encode())
    for module in modules:
        digest.update(module.name.encode() + b"\0" + module.path.read_bytes())
    return digest.hexdigest()


def _freeze_and_link(base: Runtime, board: Board, modules: list[Module], elf: Path) -> None:
    frozen = elf.with_name("frozen_content.c")
    compiled = [_compile(base, board, module) for module in modules]
    tool = base.source.path / "tools" / "mpy-tool.py"
    command = ["python3", tool, "--freeze", "-q", base.qstr_names, "-mlongint-impl=mpz", *compiled]
    frozen.write_text(run(command, what="freeze"), encoding="utf-8")
    partial, unit = elf.with_suffix(".partial"), elf.with_name("frozen_content.o")
    run([COMPILER, base.compile_arguments, "-c", frozen, "-o", unit], what="compile frozen code", cwd=port_dir())
    run([COMPILER, base.link_arguments, unit, "-o", partial], what="link", cwd=port_dir())
    partial.replace(elf)


def _compile(base: Runtime, board: Board, module: Module) -> Path:
    content = hashlib.sha256(f"{base.source.version} {board.mpy_arch} {module.name}\0".encode())
    content.update(module.path.read_bytes())
    output = paths.cache_dir() / "mpy" / f"{content.hexdigest()[:24]}.mpy"
    if not output.exists():
        mpy_cross.compile_file(base.mpy_cross, module.path, module.name, output, board.mpy_arch)
    return output


def _write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
