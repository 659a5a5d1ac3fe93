"""What the host needs, what is there, and how to get what is missing."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from host_tools import apt, paths, source
from host_tools.boards import Board
from host_tools.errors import CortenError, MissingToolError
from host_tools.process import run


@dataclass(frozen=True)
class Need:
    """One thing the host needs. `found` is its version or place, None when it is missing or does not do."""

    name: str
    purpose: str
    found: str | None
    wanted: str
    packages: tuple[str, ...] = ()
    how: str = ""


def examine(boards: list[Board]) -> list[Need]:
    """Everything that building and running for `boards` needs, in the order in which it is needed."""
    return [
        Need("python", "the host tools", ".".join(map(str, sys.version_info[:3])), ">= 3.11"),
        _program("make", "compile MicroPython", "any", ("make",)),
        _compiler(),
        _emulator(boards),
        _source(),
    ]


def fix(needs: list[Need], say: Callable[[str], None]) -> None:
    """Installs what is missing with apt on Debian and Ubuntu; elsewhere MissingToolError names what to install."""
    packages = [package for need in needs if need.found is None for package in need.packages]
    if not packages:
        return
    machine = apt.release()
    if machine is None or machine.family not in ("debian", "ubuntu"):
        wanted = "; ".join(f"{need.name} {need.wanted}" for need in needs if need.found is None and need.packages)
        raise MissingToolError(
            f"missing: {wanted}", fix=f"install them by hand; on Debian: apt-get install {' '.join(packages)}"
        )
    say(f"installing {' '.join(packages)} from {machine.family} {machine.codename}")
    private = apt.Apt(machine, source.SUITE)
    private.update()
    private.install(packages, suite=f"{machine.codename}-backports" if machine.family == "debian" else None)


def _program(name: str, purpose: str, wanted: str, packages: tuple[str, ...]) -> Need:
    return Need(name, purpose, shutil.which(name), wanted, packages, f"apt-get install {' '.join(packages)}")


def _compiler() -> Need:
    packages = ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi")
    how = f"apt-get install {' '.join(packages)}"
    try:
        version = run(["arm-none-eabi-gcc", "-dumpversion"], what="find the compiler").strip()
        run(["arm-none-eabi-gcc", "-E", "-x", "c", "-include", "alloca.h", "/dev/null"], what="find newlib's headers")
    except CortenError:
        return Need("arm-none-eabi-gcc", "compile MicroPython", None, "with newlib's headers", packages, how)
    return Need("arm-none-eabi-gcc", "compile MicroPython", version, "with newlib's headers", packages, how)


def _emulator(boards: list[Board]) -> Need:
    versions = [board.emulator.min_version for board in boards if board.emulator]
    wanted = max(versions, key=_numbers, default="0")
    found = None
    if shutil.which("qemu-system-arm"):
        match = re.search(r"version (\d+(?:\.\d+)+)", run(["qemu-system-arm", "--version"], what="find the emulator"))
        found = match[1] if match and _numbers(match[1]) >= _numbers(wanted) else None
    how = "apt-get install -t <suite>-backports qemu-system-arm"
    return Need("qemu-system-arm", "emulate boards", found, f">= {wanted}", ("qemu-system-arm",), how)


def _source() -> Need:
    purpose, wanted = "MicroPython's source", f"{source.OLDEST[0]}.{source.OLDEST[1]} to {source.NEWEST[0]}.{source.NEWEST[1]}"
    checkout = os.environ.get("CORTEN_MICROPYTHON")
    if checkout:
        return Need("micropython", purpose, f"{source.find(lambda _: None).version} in {checkout}", wanted)
    if (paths.cache_dir() / "source" / source.SUITE / "identity").exists():
        return Need("micropython", purpose, f"{source.find(lambda _: None).version}, Debian {source.SUITE}", wanted)
    unpacker = shutil.which("dpkg-source")
    found = f"fetched from Debian {source.SUITE} by the first build" if unpacker else None
    return Need("micropython", purpose, found, wanted, ("dpkg-dev",), "apt-get install dpkg-dev, or CORTEN_MICROPYTHON")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
