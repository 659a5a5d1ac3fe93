"""Debian's mbpoll: that on PATH, or fetched from Debian's archive into the cache, without installing anything."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from host_tools import apt, paths

PACKAGES = ("mbpoll", "libmodbus5")
TIMEOUT_S = 60.0


def mbpoll() -> Callable[[list[str]], str]:
    """A function that runs it with some words and returns what it prints. Skips the test where there is no apt."""
    found = shutil.which("mbpoll")
    environment = dict(os.environ)
    if not found:
        folder = paths.cache_dir() / "mbpoll"
        if not (folder / "usr" / "bin" / "mbpoll").is_file():
            _fetch()
        found = str(folder / "usr" / "bin" / "mbpoll")
        libraries = ":".join(str(path) for path in folder.glob("usr/lib/*"))
        environment["LD_LIBRARY_PATH"] = libraries

    def run(words: list[str]) -> str:
        done = subprocess.run(
            [found, *words], env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        return done.stdout + done.stderr

    return run


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
