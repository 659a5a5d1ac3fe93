"""A debug probe's USB volume: an ST-LINK/V2-1, or another probe of Mbed's kind, programs the .bin that it is given."""

import time
from pathlib import Path

from host_tools.errors import FailedError
from host_tools.flash_models import Volume
from host_tools.flashers import volume
from host_tools.flashers.base import Job, Plan, Refused

RECOVERY = "copy again; when the volume stays away, unplug the board and plug it in again"
MARKS = ("DETAILS.TXT", "MBED.HTM", "MBED.HTML")
FAILURE = "FAIL.TXT"
DONE_TIMEOUT_S = 60.0


def check(job: Job, table: Volume) -> None:
    if not find(job.volume, table.label):
        folder = job.volume or f"a volume called {table.label}"
        what = f"it has none of {', '.join(MARKS)}" if job.volume else "it is not mounted"
        raise Refused(f"{folder}: {what}", f"plug the board in, and mount {table.label}", is_absent=True)


def plan(job: Job, table: Volume) -> Plan:
    data = job.image.flat()
    target = find(job.volume, table.label)

    def write() -> None:
        if target is None:
            raise Refused(f"the volume {table.label} has gone", "plug the board in", is_absent=True)
        volume.check_room(target, len(data))
        has_failed = volume.is_there(target, FAILURE)
        job.say(f"writing {len(data)} bytes to {target}")
        volume.write(target, f"{job.image.path.stem}.bin", data)
        _await_done(target, f"{job.image.path.stem}.bin", has_failed)

    steps = (f"copy {len(data)} bytes to {target or table.label}", "wait until the probe has taken them")
    return Plan(steps, write, lambda: job.port)


def find(named: Path | None, label: str) -> Path | None:
    """The probe's volume: a folder called so, with the probe's own files in it."""
    folders = [folder for folder in volume.mounted(named) if named or folder.name == label]
    return next((folder for folder in folders if any((folder / mark).exists() for mark in MARKS)), None)


def _await_done(folder: Path, name: str, has_failed: bool) -> None:
    """The probe mounts its volume anew when it is done: without the file, and with FAIL.TXT where it failed.

    has_failed: whether that was there before, of another image.
    """
    deadline = time.monotonic() + DONE_TIMEOUT_S
    while volume.is_there(folder, name) and (has_failed or not volume.is_there(folder, FAILURE)):
        if time.monotonic() > deadline:
            return  # some probes keep showing the file until they are unplugged
        time.sleep(volume.POLL_S)
    try:
        said = (folder / FAILURE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    raise FailedError(f"the probe says: {said.strip()}")
