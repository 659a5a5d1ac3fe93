"""Vendors' SVD files, from the package pyocd: fetched once into the cache, without what the package depends on."""

import zipfile
from pathlib import Path

from host_tools import paths
from host_tools.files import write_whole
from host_tools.packages import fetch

PACKAGE, VERSION = "pyocd", "0.46.0"
FILES = Path("pyocd", "debug", "svd", "svd_data.zip")


def svd_file(name: str) -> Path:
    """One of the package's files, such as STM32L4x5.svd. FailedError if the package cannot be fetched."""
    path = paths.cache_dir() / "svd" / f"{PACKAGE}-{VERSION}" / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(fetch(PACKAGE, VERSION, print) / FILES) as files:
            write_whole(path, files.read(name))
    return path
