"""Vendors' SVD files to measure and test with: those in the package pyocd, and RP2040's in Debian's pico-sdk-source."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from host_tools import apt, packages, paths
from host_tools.errors import MissingToolError
from host_tools.files import exclusive
from host_tools.process import run

PYOCD = "0.46.0"
ARCHIVE = Path("pyocd", "debug", "svd", "svd_data.zip")
RP2040 = Path("usr", "src", "pico-sdk", "src", "rp2040", "hardware_regs", "RP2040.svd")


def svd_files(say: Callable[[str], None]) -> list[Path]:
    """Every .svd file of pyocd and RP2040's, in the cache; FailedError or MissingToolError if it cannot get there."""
    return [*sorted(_pyocd(say).glob("*.svd")), rp2040(say)]


def svd_file(name: str, say: Callable[[str], None]) -> Path:
    """The file of that name, such as STM32L4x5.svd."""
    return rp2040(say) if name == RP2040.name else _pyocd(say) / name


def rp2040(say: Callable[[str], None]) -> Path:
    """RP2040.svd. Needs apt and dpkg the first time."""
    folder = paths.cache_dir() / "svd" / "pico-sdk"
    if not folder.exists():
        with exclusive(folder, say):
            if not folder.exists():
                _unpack_debian(folder, say)
    return next(folder.rglob(RP2040.name))


def _pyocd(say: Callable[[str], None]) -> Path:
    folder = paths.cache_dir() / "svd" / f"pyocd-{PYOCD}"
    if not folder.exists():
        package = packages.fetch("pyocd", PYOCD, say)
        with exclusive(folder, say):
            if not folder.exists():
                partial = folder.with_name(f"{folder.name}.partial")
                with zipfile.ZipFile(package / ARCHIVE) as archive:
                    archive.extractall(partial)
                partial.replace(folder)
    return folder


def _unpack_debian(folder: Path, say: Callable[[str], None]) -> None:
    machine = apt.release()
    if machine is None or machine.family != "debian":
        raise MissingToolError("RP2040.svd is taken from Debian's archive, and this machine's apt has none")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    say("fetching RP2040.svd from Debian trixie (2 MB)")
    package = apt.Apt(machine, say).download_package("pico-sdk-source", "trixie", partial)
    run(["dpkg", "-x", package, partial], what="unpack pico-sdk-source")
    partial.replace(folder)
