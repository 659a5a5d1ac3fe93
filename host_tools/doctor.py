"""What the host needs, what is there, and how to get what is missing."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from host_tools import apt, source
from host_tools.boards import Board, QemuEmulator, Rp2040jsEmulator
from host_tools.errors import CortenError, MissingToolError
from host_tools.gdb import PROGRAMS
from host_tools.process import run
from host_tools.runtime import COMPILER
from host_tools.stock.cmake import CMAKE, OLDEST_CMAKE
from host_tools.targets import version


@dataclass(frozen=True)
class Need:
    """One thing the host needs.

    `found` is its version or place, None when it is missing or does not do; `how` is what to type then.
    """

    name: str
    purpose: str
    wanted: str
    found: str | None
    how: str = ""
    packages: tuple[str, ...] = ()


def examine(boards: list[Board], debugger: bool = False) -> list[Need]:
    """Everything that building and running for `boards` needs, in the order in which it is needed.

    `debugger`: and what `corten gdb` needs.
    """
    return [
        Need("python", "the host tools", ">= 3.11", ".".join(map(str, sys.version_info[:3]))),
        _package("make", "compile MicroPython", "any", shutil.which("make"), ("make",)),
        _compiler(),
        *([_cmake()] if any(board.firmware for board in boards) else []),
        *([_emulator(boards)] if any(isinstance(board.emulator, QemuEmulator) for board in boards) else []),
        *(_rp2040js() if any(isinstance(board.emulator, Rp2040jsEmulator) for board in boards) else []),
        _source(),
        *([_debugger()] if debugger else []),
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
    apt.Apt(machine, say).install(packages)


def _package(name: str, purpose: str, wanted: str, found: str | None, packages: tuple[str, ...]) -> Need:
    """Something that the system's package manager has."""
    machine = apt.release()
    if machine and machine.family in ("debian", "ubuntu"):
        how = "corten doctor --fix"
    else:
        how = f"install {name} {wanted} with the system's package manager; Debian's is called {packages[0]}"
    return Need(name, purpose, wanted, found, how, packages)


def _debugger() -> Need:
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return _package(PROGRAMS[0], "corten gdb", "with Python", found, (PROGRAMS[0],))


def _compiler() -> Need:
    found = None
    if shutil.which(COMPILER):
        try:
            run([COMPILER, "-E", "-x", "c", "-include", "alloca.h", "/dev/null"], what="find newlib's headers")
            found = run([COMPILER, "-dumpversion"], what="ask the compiler for its version").strip()
        except CortenError:
            found = None
    packages = ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi")
    return _package(COMPILER, "compile MicroPython", "with newlib's headers", found, packages)


def _cmake() -> Need:
    found = None
    if shutil.which(CMAKE):
        try:
            found = run([CMAKE, "--version"], what="ask CMake for its version").split()[2]
        except (CortenError, IndexError):
            found = None
    good = found is not None and version.numbers(found) >= version.numbers(OLDEST_CMAKE)
    need = _package(CMAKE, "compile MicroPython's firmware", f">= {OLDEST_CMAKE}", found if good else None, (CMAKE,))
    return need if good or found is None else replace(need, how=f"{found} is too old: {need.how}")


def _emulator(boards: list[Board]) -> Need:
    versions = [board.emulator.min_version for board in boards if isinstance(board.emulator, QemuEmulator)]
    wanted = max(versions, key=version.numbers, default="0")
    found = _emulator_version()
    good = found is not None and version.numbers(found) >= version.numbers(wanted)
    need = _package(version.PROGRAM, "emulate boards", f">= {wanted}", found if good else None, (version.PROGRAM,))
    return need if good or found is None else replace(need, how=f"{found} is too old: {need.how}")


def _rp2040js() -> list[Need]:
    from host_tools import node
    from host_tools.targets import rp2040

    return [
        Need("node", "run the emulator of the RP2040", f">= {node.MIN_MAJOR}", node.where()),
        Need(rp2040.PACKAGE, "emulate the RP2040", rp2040.VERSION, rp2040.where()),
    ]


def _emulator_version() -> str | None:
    try:
        return version.installed()
    except CortenError:
        return None


def _source() -> Need:
    name, purpose, wanted = "micropython", "MicroPython's source", source.supported()
    if source.checkout() or source.fetched():
        try:
            tree = source.find(lambda _: None)
        except CortenError as error:
            return Need(name, purpose, wanted, None, str(error))
        return Need(name, purpose, wanted, f"{tree.version} in {tree.path}")
    machine = apt.release()
    if machine is None or machine.family != "debian":
        return Need(name, purpose, wanted, None, f"name a checkout with {source.NAMED_BY}")
    found = f"fetched from Debian {source.SUITE} by the first build" if shutil.which("dpkg-source") else None
    return _package(name, purpose, wanted, found, ("dpkg-dev",))
