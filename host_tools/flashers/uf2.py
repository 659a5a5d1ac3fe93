"""UF2: the file goes to the boot loader's USB volume, which it finds by INFO_UF2.TXT."""

import time
from collections.abc import Iterator
from pathlib import Path

from host_tools import uf2
from host_tools.errors import CortenError
from host_tools.flash_models import Uf2
from host_tools.flashers import machine, reboot, volume
from host_tools.flashers.base import Job, Plan, Refused

RECOVERY = (
    "the boot loader is in ROM and cannot be lost: hold BOOTSEL (or the board's boot button) while plugging it in, and "
    "repeat"
)
VOLUME_TIMEOUT_S = 15.0
CONSOLE_TIMEOUT_S = 15.0


def check(job: Job, table: Uf2) -> None:
    found = list(_volumes(job.volume, table.board_id))
    if len(found) > 1:
        reason = f"{len(found)} volumes have the Board-ID {table.board_id}: {', '.join(map(str, found))}"
        raise Refused(reason, "name one of them with --volume")
    if found:
        return
    other = volume.board_id(job.volume) if job.volume else None
    if other:
        reason = f"{job.volume} is no boot volume of this board: its Board-ID is {other}"
        raise Refused(reason, f"name one with {table.board_id}")
    if block := machine.unmounted_of(table.boot_loader):
        raise Refused(f"the boot loader's volume {block} is not mounted", f"udisksctl mount -b {block}", is_absent=True)
    if job.port or console(table):
        return
    where = f"{job.volume} has not" if job.volume else "no mounted volume has"
    raise Refused(
        f"{where} the Board-ID {table.board_id}, and no board is at a port",
        "hold BOOTSEL while plugging the board in, or name its port with --port",
        is_absent=True,
    )


def plan(job: Job, table: Uf2) -> Plan:
    data = _file(job)
    target = find(job.volume, table.board_id)
    port = job.port or console(table)
    others = consoles(table) if target else []
    steps = []
    if target is None:
        steps.append(f"ask the board at {port or 'its port'} for its boot loader, and wait for its volume")
    where = target or f"the volume with the Board-ID {table.board_id}"
    steps += [
        f"copy {job.image.path.name} to {where}: {len(data)} bytes of UF2, family {_family(job):#010x}",
        "wait until the volume has gone",
    ]

    def write() -> None:
        folder = target or _enter(job, table, port)
        volume.check_room(folder, len(data))
        name = f"{job.image.path.stem}.uf2"
        job.say(f"writing {len(data)} bytes to {folder}")
        volume.write(folder, name, data)
        volume.await_gone(folder, volume.INFO)

    return Plan(tuple(steps), write, lambda: job.port or _await_console(table, others))


def find(named: Path | None, board_id: str) -> Path | None:
    """The boot loader's volume with this Board-ID."""
    return next(_volumes(named, board_id), None)


def _volumes(named: Path | None, board_id: str) -> Iterator[Path]:
    return (folder for folder in volume.mounted(named) if volume.board_id(folder) == board_id)


def console(table: Uf2) -> str | None:
    """The port of the running board, when exactly one is at this machine."""
    ports = consoles(table)
    return ports[0] if len(ports) == 1 else None


def consoles(table: Uf2) -> list[str]:
    """The ports of all running boards of this kind."""
    if table.console is None:
        return []
    from serial.tools.list_ports import comports

    return [str(each.device) for each in comports() if each.vid and f"{each.vid:04x}:{each.pid:04x}" == table.console]


def _await_console(table: Uf2, others: list[str]) -> str | None:
    """The port of the board that was flashed, None when it does not come; `others` were there while it was not."""
    deadline = time.monotonic() + CONSOLE_TIMEOUT_S
    while table.console and time.monotonic() < deadline:
        new = [port for port in consoles(table) if port not in others]
        if len(new) == 1:
            return new[0]
        time.sleep(volume.POLL_S)
    return None


def _enter(job: Job, table: Uf2, port: str | None) -> Path:
    if port is None:
        raise Refused("the boot volume has gone", "hold BOOTSEL while plugging the board in", is_absent=True)
    job.say(f"asking the board at {port} for its boot loader")
    try:
        reboot.into_boot_loader(port)
    except CortenError as error:
        raise Refused(error.message, error.fix or "plug the board in", is_absent=True) from error
    found = volume.await_one(lambda: find(job.volume, table.board_id), VOLUME_TIMEOUT_S)
    if found:
        return found
    if block := machine.unmounted_of(table.boot_loader):
        raise Refused(f"the boot loader's volume {block} is not mounted", f"udisksctl mount -b {block}", is_absent=True)
    raise Refused(
        f"no volume with the Board-ID {table.board_id} came within {VOLUME_TIMEOUT_S:g} s",
        "hold BOOTSEL while plugging the board in",
        is_absent=True,
    )


def _family(job: Job) -> int:
    if job.board.chip.uf2_family is None:
        raise Refused("the chip has no UF2 family", "add uf2_family to the chip's file")
    return job.board.chip.uf2_family


def _file(job: Job) -> bytes:
    """The image as a UF2 file: as it is, where it is one."""
    if job.image.format == "uf2":
        return job.image.path.read_bytes()
    return uf2.write(job.image.chunks, _family(job))
