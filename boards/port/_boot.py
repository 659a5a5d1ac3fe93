"""Mounts the board's file system; runs before boot.py, again after each soft reset."""

import errno

import vfs

import board


def _open():
    """The board's block device; None where there is none, or what would program it does not answer."""
    if not board.FILESYSTEM:
        return None
    if not board.FILESYSTEM_CONTROLLER:
        from corten.drivers.ramdisk import RamDisk

        return RamDisk(*board.FILESYSTEM)
    block, base = board.FILESYSTEM_CONTROLLER
    driver = __import__("corten.drivers." + block, None, None, ("Disk",))
    try:
        return driver.Disk(base, *board.FILESYSTEM)
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise
        return None


disk = _open()
if disk:
    try:
        vfs.mount(disk, "/")
    except OSError:
        vfs.VfsLfs2.mkfs(disk)
        vfs.mount(disk, "/")
del disk, _open
