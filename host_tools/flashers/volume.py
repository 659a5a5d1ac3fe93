"""USB volumes that take an image as a file: finding one, writing to it, and waiting until it has gone."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from host_tools.errors import FailedError, TargetError
from host_tools.flashers import machine
from host_tools.flashers.base import Refused

INFO = "INFO_UF2.TXT"
CHUNK = 64 * 1024
POLL_S = 0.05
VANISH_TIMEOUT_S = 30.0
GONE = (errno.EIO, errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESTALE)
"""What a file system answers whose device has left."""


def mounted(volume: Path | None) -> list[Path]:
    """The folders to look at: the one that was named, else all places where removable volumes are mounted."""
    return [volume] if volume else list(_mount_points())


def board_id(folder: Path) -> str | None:
    """The Board-ID of a UF2 boot loader's volume, None for any other folder."""
    try:
        text = (folder / INFO).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    named = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for name, _, value in named if name.strip().lower() == "board-id"), None)


def await_one(find: Callable[[], Path | None], timeout_s: float) -> Path | None:
    """What `find` finds as soon as it does, None when it does not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not (found := find()):
        if time.monotonic() > deadline:
            return None
        time.sleep(POLL_S)
    return found


def check_room(folder: Path, size: int) -> None:
    """Refused where a file of `size` bytes does not fit."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if free < size:
        raise Refused(f"{folder} has {free} bytes free, the image has {size}", "remove what else is on it")


def write(folder: Path, name: str, data: bytes) -> None:
    """Writes a file and everything that the system still holds of it back to the device.

    The boot loader leaves as soon as it has the last block, and what then fails is not told. Refused when the file
    cannot be made, FailedError for any failure from then on before all was handed over.
    """
    try:
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError as error:
        is_absent = error.errno in GONE
        raise Refused(
            f"{folder / name} cannot be written: {error.strerror}", _why(error), is_absent=is_absent
        ) from error
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(file, left[:CHUNK]) :]
        os.fsync(file)
    except OSError as error:
        if left or error.errno not in GONE:
            written = len(data) - len(left)
            raise FailedError(f"{folder}: after {written} of {len(data)} bytes: {error.strerror}") from error
    finally:
        _close(file)


def await_gone(folder: Path, name: str, timeout_s: float = VANISH_TIMEOUT_S) -> None:
    """Waits until the volume has gone, which says that the boot loader has all of the image. TargetError past the time.

    A folder whose own file has gone counts as well: the mount point stays where somebody made it by hand.
    """
    deadline = time.monotonic() + timeout_s
    while is_there(folder, name):
        if time.monotonic() > deadline:
            raise TargetError(f"{folder} is still there {timeout_s:g} s after the image was written to it")
        time.sleep(POLL_S)


def _close(file: int) -> None:
    try:
        os.close(file)
    except OSError as error:
        if error.errno not in GONE:
            raise


def is_there(folder: Path, name: str) -> bool:
    """Whether a volume has a file, and the machine still has the volume's device."""
    try:
        return (folder / name).exists() and not machine.has_left(folder)
    except OSError:
        return False


def _why(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return "mount it so that this user may write"
    return "unplug the board and plug it in again"


def _mount_points() -> Iterator[Path]:
    """Where file systems are mounted, and what is in the folders that desktops mount volumes in."""
    seen = set()
    for _, folder, kind in machine.mounts():
        if kind in machine.VOLUME_KINDS and folder not in seen:
            seen.add(folder)
            yield folder
    for parent in machine.mount_folders():
        for folder in sorted(parent.glob("*")) if parent.is_dir() else ():
            if folder not in seen and folder.is_dir():
                yield folder
