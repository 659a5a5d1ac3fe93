"""Modules of an app, compiled for one board by the cross compiler of its MicroPython; each is compiled once."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from host_tools import mpy_cross, paths
from host_tools.deploy.inventory import Facts

AS_MAIN = '__name__ = "__main__"; '


def compiled(modules: Mapping[str, Path], facts: Facts, board: str | None, say: Callable[[str], None]) -> dict[str, bytes]:
    """The compiled files, by their names on the board. FailedError for a module that does not compile."""
    cross = mpy_cross.find(facts.version, say)
    return {
        str(Path(name).with_suffix(".mpy")): _compile(cross, path, name, facts).read_bytes()
        for name, path in modules.items()
    }


def _compile(cross: Path, path: Path, name: str, facts: Facts) -> Path:
    content = hashlib.sha256(f"{facts.version} {facts.arch} {name}\0".encode())
    content.update(path.read_bytes())
    output = paths.cache_dir() / "mpy" / f"{content.hexdigest()[:24]}.mpy"
    if not output.exists():
        mpy_cross.compile_file(cross, path, name, output, facts.arch, path)
    return output
