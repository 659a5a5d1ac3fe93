"""MicroPython's C source: a checkout that the user has, or Debian's source package."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from host_tools import apt, paths, project
from host_tools.errors import MissingToolError, UsageError
from host_tools.files import exclusive, write_whole
from host_tools.process import run

SUITE = "trixie"
"""Debian's stable suite with 1.25.0: it keeps its version, where testing and unstable move on."""

OLDEST, NEWEST = (1, 24), (1, 29)
NAMED_BY = "CORTEN_MICROPYTHON, or `micropython` in corten.toml"
USED_FOLDERS = (
    "py",
    "extmod",
    "shared",
    "lib/littlefs",
    "lib/libm",
    "lib/uzlib",
    "lib/re1.5",
    "lib/crypto-algorithms",
    "tools",
)


@dataclass(frozen=True)
class Source:
    """A source tree: `identity` changes whenever a file that the build reads changes.

    is_packaged: it is in the cache and Corten's own, and no checkout of the user's.
    """

    path: Path
    version: str
    identity: str
    is_packaged: bool


def find(say: Callable[[str], None]) -> Source:
    """The checkout of the user's, else Debian's source, fetched into the cache when it is not there yet.

    Raises UsageError for a folder that is no MicroPython source or whose version is not supported.
    """
    folder = checkout()
    if folder:
        return _checkout(Path(folder).resolve())
    return _packaged(say)


def checkout() -> str | None:
    """The folder of the user's own source: CORTEN_MICROPYTHON, else `micropython` in corten.toml."""
    return os.environ.get("CORTEN_MICROPYTHON") or project.settings().micropython


def supported() -> str:
    """The versions that can be built, as a person reads them."""
    return f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"


def version_of(tree: Path) -> str:
    """MicroPython's version as in py/mpconfig.h, for example `1.25.0`; UsageError where it is not supported."""
    header = _version_header(tree)
    if not header.is_file():
        raise UsageError(
            f"{tree} is not MicroPython's source: it has no py/mpconfig.h",
            fix=f"name the top of a checkout with {NAMED_BY}, or none to use Debian's source package",
        )
    text = header.read_text(encoding="utf-8")
    numbers = [re.search(rf"#define MICROPY_VERSION_{part} (\d+)", text) for part in ("MAJOR", "MINOR", "MICRO")]
    major, minor, micro = (int(found[1]) if found else 0 for found in numbers)
    if not OLDEST <= (major, minor) <= NEWEST:
        raise UsageError(
            f"{tree} is MicroPython {major}.{minor}.{micro}; Corten's port is written for {supported()}",
            fix="check out a release in that range, or name none to use Debian's source package",
        )
    return f"{major}.{minor}.{micro}"


def _checkout(tree: Path) -> Source:
    version = version_of(tree)
    if not any((tree / "lib" / "littlefs").glob("lfs2.c")):
        raise UsageError(f"{tree} has no lib/littlefs/lfs2.c", fix="restore the checkout with git")
    return Source(tree, version, fingerprint(tree, USED_FOLDERS), is_packaged=False)


def fingerprint(tree: Path, folders: Iterable[str]) -> str:
    """Changes with each file in `folders` of the tree: by its time and size."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((tree / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                state = path.stat()
                digest.update(f"{path.relative_to(tree)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return f"{tree} {digest.hexdigest()}"


def fetched() -> bool:
    """Whether Debian's source is in the cache, whole."""
    folder = _packaged_folder()
    return (folder / "identity").is_file() and _version_header(folder / "micropython").is_file()


def _packaged(say: Callable[[str], None]) -> Source:
    folder = _packaged_folder()
    if not fetched():
        with exclusive(folder, say):
            if not fetched():
                _download(folder, say)
    tree = folder / "micropython"
    return Source(tree, version_of(tree), (folder / "identity").read_text(encoding="utf-8"), is_packaged=True)


def _download(folder: Path, say: Callable[[str], None]) -> None:
    archive = debian(say)
    shutil.rmtree(folder, ignore_errors=True)
    say(f"fetching MicroPython's source from Debian {SUITE} (6 MB)")
    dsc = archive.download_source("micropython", SUITE, folder)
    run(["dpkg-source", "--extract", dsc, folder / "micropython"], what="unpack MicroPython's source")
    write_whole(folder / "identity", dsc.name)


def debian(say: Callable[[str], None]) -> apt.Apt:
    """Debian's archive; MissingToolError on a machine that has none, or cannot unpack what it holds."""
    machine = apt.release()
    if machine is None or machine.family != "debian":
        raise MissingToolError(
            "MicroPython's source is taken from Debian's archive, and this machine's apt has none",
            fix=f"name a checkout of MicroPython {supported()} with {NAMED_BY}",
        )
    if not shutil.which("dpkg-source"):
        raise MissingToolError("dpkg-source unpacks MicroPython's source and is missing", fix="corten doctor --fix")
    return apt.Apt(machine, say)


def _packaged_folder() -> Path:
    return paths.cache_dir() / "source" / SUITE


def _version_header(tree: Path) -> Path:
    return tree / "py" / "mpconfig.h"
