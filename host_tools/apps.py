"""Apps: which files they are made of. Apart from the build, so that asking costs no heavy import."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from host_tools import paths
from host_tools.errors import UsageError

if TYPE_CHECKING:
    from host_tools.lower.placeholders import Placeholder


@dataclass(frozen=True)
class Module:
    """A source file and the name under which the firmware imports it, for example `corten/irq.py`.

    `lowered`: the file that is compiled in its place, where lowering changed it; `placeholders`: of that file.
    `optimise`: mpy-cross's level, None for its own; `is_micropython`: a part of MicroPython, which is left as it is.
    """

    name: str
    path: Path
    lowered: Path | None = None
    placeholders: "tuple[Placeholder, ...]" = ()
    optimise: int | None = None
    is_micropython: bool = False


def app_modules(app: str) -> tuple[str, list[Module]]:
    """An app's name and modules; the one that runs is called main.py."""
    path = Path(app)
    if path.is_file() and path.suffix == ".py":
        return path.stem, [Module("main.py", path.resolve())]
    own, measured = (paths.firmware_dir() / folder for folder in ("apps", "bench"))
    for folder in (path, own / app, measured / app):
        if (folder / "main.py").is_file():
            return folder.resolve().name, python_files(folder, "")
    if path.is_dir():
        raise UsageError(f"{path} has no main.py, with which an app starts", fix="add it, or name another folder")
    known = sorted(found.parent.name for found in own.glob("*/main.py"))
    raise UsageError(
        f"there is no app {app!r}",
        fix=f"give a .py file, a folder with a main.py, or one of: {', '.join(known)}",
    )


def python_files(folder: Path, prefix: str) -> list[Module]:
    """The Python files below a folder; what is hidden or was built there is not part of an app."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and not path.resolve().is_relative_to(paths.build_dir()):
            found.append(Module(f"{prefix}{name}", path.resolve()))
    return found
