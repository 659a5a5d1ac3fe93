"""The emulator of an image's board, whichever it is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from host_tools.boards import Board, QemuEmulator
from host_tools.errors import UsageError
from host_tools.targets.base import EmulatedTarget, WatchedTarget

if TYPE_CHECKING:
    from host_tools.build import Image
    from host_tools.process import Word
    from host_tools.testing.wiring import Jumper


def check(board: Board, say: Callable[[str], None]) -> None:
    """UsageError when `board` is not emulated, MissingToolError when its emulator is not here and cannot be fetched."""
    if board.emulator is None or isinstance(board.emulator, QemuEmulator):
        from host_tools.targets.qemu import emulator_of

        emulator_of(board)
    else:
        from host_tools.targets import rp2040

        rp2040.library(say)


def start(
    image: "Image",
    say: Callable[[str], None] = lambda _: None,
    *,
    alone: bool = False,
    exact: bool = False,
    reboot: bool = True,
    arguments: Sequence[str] = (),
    jumper: "Jumper | None" = None,
) -> EmulatedTarget:
    """An emulator that boots `image`. Raises as `check`.

    `exact`: the guest's clock is that of its instructions, so that a busy host makes no gaps; `alone`: it is, and a
    guest that waits lets its clock jump, so that a run to which nobody talks repeats exactly. `reboot=False` ends the
    emulator where a board would reset. `arguments` are for an image of Corten's own port. `jumper`: connects two pins.
    """
    if isinstance(image.board.emulator, QemuEmulator):
        from host_tools.targets.qemu import EXACT, EXACT_ALONE, QemuTarget

        icount = EXACT_ALONE if alone else EXACT if exact else None
        return QemuTarget(image, arguments=arguments, icount=icount, reboot=reboot, qtest=jumper is not None)
    from host_tools.targets.rp2040 import Rp2040Target

    pins = [jumper.numbers(image.board)] if jumper else []
    return Rp2040Target(image.board, _uf2(image), real_time=not alone, reboot=reboot, jumpers=pins, say=say)


def watched(image: "Image", say: Callable[[str], None], terminals: Sequence[str]) -> WatchedTarget:
    """An emulator that boots `image`, with an exact clock; `terminals` are UARTs that become serial devices."""
    if isinstance(image.board.emulator, QemuEmulator):
        from host_tools.targets.qemu import EXACT, QemuTarget

        return QemuTarget(image, icount=EXACT, monitor=True, terminals=terminals)
    from host_tools.targets.rp2040 import Rp2040Target

    return Rp2040Target(image.board, _uf2(image), say=say)


def debugged(image: "Image", place: Path, say: Callable[[str], None] = lambda _: None) -> EmulatedTarget:
    """An emulator that waits at its first instruction for a debugger, on a socket at `place`. Raises as `check`."""
    if image.board.emulator is None or isinstance(image.board.emulator, QemuEmulator):
        from host_tools.targets.qemu import QemuTarget

        return QemuTarget(image, arguments=["run"], options=["-gdb", f"unix:{place},server=on,wait=off", "-S"])
    from host_tools.targets.rp2040 import Rp2040Target

    return Rp2040Target(image.board, _uf2(image), gdb=place, say=say)


def background(
    image: "Image", say: Callable[[str], None], sockets: dict[str, str], devices: Sequence[str]
) -> "list[Word]":
    """The command line of an emulator that outlives this process: its UARTs are sockets at paths, or serial devices.

    A QEMU names its serial devices on standard output. Raises as `check`.
    """
    if isinstance(image.board.emulator, QemuEmulator):
        from host_tools.targets import qemu

        return qemu.background(image, sockets, devices)
    if devices:
        raise UsageError(
            f"{image.board.emulator.type if image.board.emulator else image.board.name} has no serial devices",
            fix="leave --terminals away: its UARTs are sockets",
        )
    from host_tools.targets import rp2040

    return rp2040.command([{"listen": path} for path in sockets.values()], _uf2(image), say=say)


def _uf2(image: "Image") -> Path:
    if image.uf2 is None:
        raise UsageError(f"there is no UF2 file of {image.app} for {image.board.name}")
    return image.uf2
