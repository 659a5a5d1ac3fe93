"""What this machine knows of the devices at its USB ports: Linux's /proc/mounts and /sys.

CORTEN_SYSROOT names another root to read them below, for tests.
"""

import getpass
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VOLUME_KINDS = ("vfat", "msdos", "exfat", "fuseblk")
"""The file systems that boot loaders' volumes have."""


@dataclass(frozen=True)
class UsbDevice:
    """A device at a USB port; `id` is vendor and product, "2e8a:0003"."""

    id: str
    product: str
    folder: Path


def usb_devices() -> list[UsbDevice]:
    """All USB devices, as /sys lists them; none where there is no /sys."""
    found = []
    for folder in sorted(_root().joinpath("sys/bus/usb/devices").glob("*")):
        vendor, product = _line(folder / "idVendor"), _line(folder / "idProduct")
        if vendor and product:
            found.append(UsbDevice(f"{vendor}:{product}", _line(folder / "product"), folder))
    return found


def present(ids: tuple[str, ...]) -> list[UsbDevice]:
    """The devices that are of these vendors and products."""
    return [device for device in usb_devices() if device.id in ids]


def unmounted_of(usb: str) -> str | None:
    """The block device of a USB device that is not mounted, such as /dev/sdb1; None where there is none."""
    sources = {source for source, _, _ in mounts()}
    for device in present((usb,)):
        # A partition where there is one: it is the volume, and lies below its disk.
        blocks = sorted(device.folder.resolve().glob("**/block/*"))
        parts = [part for block in blocks for part in sorted(block.glob(f"{block.name}*"))]
        names = [f"/dev/{block.name}" for block in parts or blocks]
        for name in names:
            if name not in sources:
                return name
    return None


def mounts() -> Iterator[tuple[str, Path, str]]:
    """(device, folder, kind) of each mounted file system."""
    table = _root() / "proc/mounts"
    for line in table.read_text(encoding="utf-8").splitlines() if table.exists() else ():
        source, folder, kind, *_ = line.split(" ")
        # A blank in a name is written as \040: proc(5).
        yield source, Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), folder)), kind


def has_left(folder: Path) -> bool:
    """Whether the device that is mounted there is no longer at this machine: the system may still show its files."""
    sources = [source for source, mounted_at, _ in mounts() if mounted_at == folder and source.startswith("/dev/")]
    return bool(sources) and not (_root() / sources[-1].lstrip("/")).exists()


def mount_folders() -> list[Path]:
    """The folders below which desktops mount volumes."""
    root = _root()
    try:
        user = [getpass.getuser()]
    except (KeyError, OSError):  # a container's user need not have a name
        user = []
    own = [root / folder / name for name in user for folder in ("media", "run/media")]
    return [*own, root / "media", root / "mnt", root / "Volumes"]


def _root() -> Path:
    return Path(os.environ.get("CORTEN_SYSROOT") or "/")


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
