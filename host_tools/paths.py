"""Where things are: Corten's own data, the cache, the build folder, the sockets of running emulators."""

import os
import stat
from pathlib import Path

from host_tools.errors import UsageError

PROJECT_FILE = "corten.toml"
_PACKAGE = Path(__file__).resolve().parent
_OWNER_ONLY = 0o700


def root() -> Path:
    """The folder that holds `boards/` and `firmware/`: the checkout, or the installed package's own data."""
    data = _PACKAGE / "data"
    return data if data.is_dir() else _PACKAGE.parent


def boards_dir() -> Path:
    """The folder of the board files that come with Corten."""
    return root() / "boards"


def boards_dirs() -> list[Path]:
    """The folders of board files: the project's own `boards`, beside its corten.toml, then Corten's."""
    own = Path("boards").absolute()
    return [own, boards_dir()] if own.is_dir() and Path(PROJECT_FILE).is_file() else [boards_dir()]


def firmware_dir() -> Path:
    """The folder to put on `sys.path` to import what runs on the chip."""
    return root() / "firmware"


def cache_dir() -> Path:
    """What can be made again and is shared by all projects: $CORTEN_CACHE, $XDG_CACHE_HOME/corten, ~/.cache/corten.

    The folder may not exist yet.
    """
    if own := os.environ.get("CORTEN_CACHE"):
        return Path(own).absolute()
    return (_xdg("XDG_CACHE_HOME") or Path.home() / ".cache") / "corten"


def build_dir() -> Path:
    """What is made for the project in the current folder: $CORTEN_BUILD, else ./build; it may not exist yet."""
    return Path(os.environ.get("CORTEN_BUILD") or "build").absolute()


def runtime_dir() -> Path:
    """The folder for the sockets of running emulators, made if need be and readable by its owner only.

    It is $XDG_RUNTIME_DIR/corten where that can be written, else /tmp/corten-<uid>.
    Raises UsageError where something of that name belongs to another user or is not a folder.
    """
    folder = Path(f"/tmp/corten-{os.getuid()}")
    base = _xdg("XDG_RUNTIME_DIR")
    if base is not None and os.access(base, os.W_OK | os.X_OK):
        folder = base / "corten"
    try:
        folder.mkdir(mode=_OWNER_ONLY)
    except FileExistsError:
        _claim(folder)
    return folder


def _xdg(variable: str) -> Path | None:
    """The folder that an XDG variable names; the specification says to ignore a relative one."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


def _claim(folder: Path) -> None:
    """Anybody can make a folder in /tmp: use it only where it is ours, and close it to the others."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise UsageError(f"{folder} is not a folder of yours", fix="remove it, or set XDG_RUNTIME_DIR")
    if stat.S_IMODE(status.st_mode) != _OWNER_ONLY:
        folder.chmod(_OWNER_ONLY)
