"""Mounts the board's file system; runs before boot.py, again after each soft reset."""

import vfs

import board
from corten.drivers.ramdisk import RamDisk

if board.FILESYSTEM:
    disk = RamDisk(*board.FILESYSTEM)
    try:
        vfs.mount(disk, "/")
    except OSError:
        vfs.VfsLfs2.mkfs(disk)  # type: ignore[arg-type]  # a block device by what it does
        vfs.mount(disk, "/")
    del disk
