"""A block device over a fixed region of RAM, for the file systems of MicroPython's `vfs` module.

It meets both block protocols (MicroPython's `vfs.AbstractBlockDev`): the simple one, and the extended one, with offsets
and erase, that LittleFS needs. Nothing is written on construction, so what the region holds is kept.

Callers: the main context, through the file system. Reads and writes copy and allocate a few small views.
"""

import uctypes

_COUNT = 4  # ioctl operations
_SIZE = 5
_ERASE = 6


class RamDisk:
    """base: address of the region. size: bytes, a multiple of block. block: bytes, the unit of erasing.

    Raises ValueError if the region does not hold whole blocks.
    """

    def __init__(self, base, size, block):
        if block < 1 or size < block or size % block:
            raise ValueError("a disk of %d bytes does not hold whole blocks of %d" % (size, block))
        self._block = block
        self._count = size // block
        self._memory = memoryview(uctypes.bytearray_at(base, size))

    def readblocks(self, block, buffer, offset=0):
        """Fill `buffer` from block number `block`, `offset` bytes into it. Raises OSError(EINVAL) outside the disk."""
        start = self._start(block, offset, len(buffer))
        buffer[:] = self._memory[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        """Store `buffer` at block number `block`, `offset` bytes into it. Raises OSError(EINVAL) outside the disk."""
        start = self._start(block, offset or 0, len(buffer))
        self._memory[start : start + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        """Answer the file system's questions; RAM needs no erasing, so that only checks the block's number."""
        if operation == _COUNT:
            return self._count
        if operation == _SIZE:
            return self._block
        if operation == _ERASE:
            self._start(argument, 0, self._block)
        return 0

    def _start(self, block, offset, length):
        start = block * self._block + offset
        if block < 0 or offset < 0 or start + length > self._count * self._block:
            raise OSError(22)  # EINVAL
        return start
