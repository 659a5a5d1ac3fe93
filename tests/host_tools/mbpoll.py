"""Debian's mbpoll: that on PATH, or fetched from Debian's archive into the cache, without installing anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from host_tools import apt, paths

PACKAGES = ("mbpoll", "libmodbus5")


def mbpoll(folder: Path) -> Path:
    """The program: that on PATH, or a script in `folder` that runs the fetched one with the library that it needs.

    Skips the test where there is no apt.
    """
    if found := shutil.which("mbpoll"):
        return Path(found)
    fetched = paths.cache_dir() / "mbpoll"
    if not (fetched / "usr" / "bin" / "mbpoll").is_file():
        _fetch()
    libraries = ":".join(str(path) for path in fetched.glob("usr/lib/*"))
    script = folder / "mbpoll"
    script.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {fetched}/usr/bin/mbpoll "$@"\n')
    script.chmod(0o755)
    return script


def _fetch() -> None:
    machine = apt.release()
    if machine is None or machine.family != "debian":
        pytest.skip("mbpoll is neither on PATH nor to be had: this machine has no Debian archive; install mbpoll")
    archive = apt.Apt(machine, print)
    folder = paths.cache_dir() / "mbpoll"
    made = folder.with_suffix(f".{os.getpid()}")
    for package in PACKAGES:
        deb = archive.download_package(package, machine.codename, made / package)
        subprocess.run(["dpkg-deb", "-x", str(deb), str(made)], check=True)
    if not folder.exists():
        made.rename(folder)
