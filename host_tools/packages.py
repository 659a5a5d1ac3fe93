"""Packages from PyPI that are fetched into the cache when they are needed, without what they depend on if not told."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from host_tools import paths
from host_tools.errors import FailedError
from host_tools.files import exclusive
from host_tools.process import run


def fetch(name: str, version: str, say: Callable[[str], None], dependencies: bool = False) -> Path:
    """The folder to put on `sys.path` for a package of that version, `1.2.3` or `1.2.*`. FailedError without it.

    dependencies: fetch what it depends on as well.
    """
    suffix = "-whole" if dependencies else ""
    folder = paths.cache_dir() / "packages" / f"{name}-{version.removesuffix('.*')}{suffix}"
    if not folder.exists():
        with exclusive(folder, say):
            if not folder.exists():
                _install(folder, name, version, say, dependencies)
    return folder


def _install(folder: Path, name: str, version: str, say: Callable[[str], None], dependencies: bool) -> None:
    what = f"{name} {version.removesuffix('.*')}"
    say(f"fetching {what} from PyPI")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "-q", "--retries", "1", "--timeout", "20"]
    command += [] if dependencies else ["--no-deps"]
    try:
        run([*command, "--target", partial, f"{name}=={version}"], what=f"fetch {what}")
    except FailedError as error:
        raise FailedError(error.message, fix="check the network and pip's configuration, then repeat") from error
    partial.replace(folder)
