"""Programs of Debian's that a test runs: those on PATH, or fetched from Debian's archive and not installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from host_tools import apt, paths
from host_tools.errors import CortenError


def program(name: str, packages: tuple[str, ...], folder: Path) -> Path:
    """The program: that on PATH, or a script in `folder` that runs the fetched one with the libraries that it needs.

    packages: the program's own first, then its libraries. Skips the test where they cannot be had.
    """
    if found := shutil.which(name):
        return Path(found)
    fetched = paths.cache_dir() / packages[0]
    if not fetched.is_dir():
        _fetch(name, packages, fetched)
    libraries = ":".join(str(path) for path in fetched.glob("usr/lib/*"))
    script = folder / name
    scripts = fetched / "usr/share/openocd/scripts"
    environment = f"LD_LIBRARY_PATH={libraries} OPENOCD_SCRIPTS={scripts}"
    found = next(path for folder in ("bin", "sbin") if (path := fetched / "usr" / folder / name).exists())
    script.write_text(f'#!/bin/sh\n{environment} exec {found} "$@"\n')
    script.chmod(0o755)
    return script


def _fetch(name: str, packages: tuple[str, ...], folder: Path) -> None:
    machine = apt.release()
    if machine is None or machine.family != "debian":
        pytest.skip(
            f"{name} is neither on PATH nor to be had: this machine has no Debian archive; install {packages[0]}"
        )
    archive = apt.Apt(machine, print)
    made = folder.with_suffix(f".{os.getpid()}")
    for package in packages:
        try:
            deb = archive.download_package(package, machine.codename, made / package)
        except CortenError as error:
            pytest.skip(f"{name} is not on PATH, and {machine.codename} has no {package}: {error.message}")
        subprocess.run(["dpkg-deb", "-x", str(deb), str(made)], check=True)
    if not folder.exists():
        made.rename(folder)
