"""STM32L4 flash memory as a block device, for the file systems of MicroPython's `vfs` module.

Source: ST RM0351, sections 3.3.1 (banks and pages), 3.3.5 to 3.3.7 (unlock, erase, program), 3.3.8 (caches) and 3.7
(registers). A page of 2 KiB is erased, a double word of 64 bits is programmed, once after each erase. Code may run from
the same bank: it waits. From the other bank it goes on.

It meets both block protocols (MicroPython's `vfs.AbstractBlockDev`). The file system has to program whole double words,
which LittleFS's unit of 32 bytes makes sure of.

Callers: the main context, through the file system. A handler may run meanwhile, unless it programs the flash as well.
Ctrl-C ends a write at any place, and the next one works. Reads allocate a small view, writes a few numbers for each
double word. The emulator has no controller.
"""

import machine
import micropython
import uctypes

from corten.register import RO, RW, W1C, WO, Block, Field, Reg

PAGE = 2048  # bytes
BANK = 512 * 1024  # bytes, of the devices of 1 MiB
CORRUPT = -84  # LittleFS's LFS_ERR_CORRUPT: it takes another block then, where OSError(EIO) would end its work
READY_TIMEOUT_READS = 100_000  # a page takes 25 ms at most (the datasheet, section 6.3.10), a read is never below 1 us
_DOUBLE_WORD = 8
_KEYS = (0x4567_0123, 0xCDEF_89AB)
_COUNT = 4  # ioctl operations
_SIZE = 5
_ERASE = 6
_ENODEV = 19
_EINVAL = 22
_ETIMEDOUT = 110


class Flash(Block):
    """Registers of the controller that this driver uses."""

    ACR = Reg(0x00, RW, LATENCY=Field(0, 3), PRFTEN=Field(8), ICEN=Field(9), DCEN=Field(10), DCRST=Field(12))
    KEYR = Reg(0x08, WO)
    SR = Reg(
        0x10,
        W1C,
        EOP=Field(0),
        OPERR=Field(1),
        PROGERR=Field(3),
        WRPERR=Field(4),
        PGAERR=Field(5),
        SIZERR=Field(6),
        PGSERR=Field(7),
        MISERR=Field(8),
        FASTERR=Field(9),
        BSY=Field(16, access=RO),
    )
    CR = Reg(0x14, RW, PG=Field(0), PER=Field(1), PNB=Field(3, 8), BKER=Field(11), START=Field(16), LOCK=Field(31))


_OF_FLASH = 2 * BANK - 1  # an address's part within the flash
_PAGES = BANK // PAGE
_ERASED = b"\xff" * _DOUBLE_WORD
_ERRORS = 0x3FA  # of SR, OPERR to FASTERR
_BUSY = 1 << 16
_LOCKED = 1 << 31


# Native code: Ctrl-C comes before both stores or after them. One key alone would lock the controller until a reset.
@micropython.native
def _store_both(memory, first, value, second, other):
    memory[first] = value
    memory[second] = other


class Disk:
    """controller: its base address. base: the address of the disk. size, block: bytes.

    bus: for tests, as of `corten.register.Block`.

    Raises ValueError for a disk that is not of whole pages, OSError(ENODEV) where no controller answers.
    """

    def __init__(self, controller, base, size, block, bus=None):
        if block != PAGE or size < PAGE or size % PAGE or base % PAGE:
            raise ValueError("a disk is of whole pages of %d bytes, not %d bytes of %d" % (PAGE, size, block))
        self._flash = Flash(controller, bus)
        self._memory32 = (bus or machine).mem32
        if not self._flash.CR.read() & _LOCKED:  # which every reset does, and this driver unless Ctrl-C came
            self._lock()
            if not self._flash.CR.read() & _LOCKED:
                raise OSError(_ENODEV)
        self._base = base
        self._count = size // PAGE
        self._memory = memoryview(uctypes.bytearray_at(base, size))

    def readblocks(self, block, buffer, offset=0):
        """Fill `buffer` from block number `block`, `offset` bytes into it. Raises OSError(EINVAL) outside the disk."""
        start = self._start(block, offset, len(buffer))
        buffer[:] = self._memory[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        """Program `buffer` at block number `block`, `offset` bytes into it; without an offset, erase the blocks first.

        Returns CORRUPT where the flash does not hold it then. Raises OSError: EINVAL outside the disk and for parts of
        double words, ETIMEDOUT.
        """
        start = self._start(block, offset or 0, len(buffer))
        if (start | len(buffer)) % _DOUBLE_WORD:
            raise OSError(_EINVAL)
        try:
            self._unlock()
            if offset is None:
                for page in range(block, block + (len(buffer) + PAGE - 1) // PAGE):
                    if self._erase(page):
                        return CORRUPT
            self._flash.CR.write(PG=1)
            for at in range(0, len(buffer), _DOUBLE_WORD):
                if self._program(start + at, buffer[at : at + _DOUBLE_WORD]):
                    return CORRUPT
        finally:
            self._lock()
        return 0 if self._memory[start : start + len(buffer)] == buffer else CORRUPT

    def ioctl(self, operation, argument):
        """Answer the file system's questions, and erase a block. Returns and raises as `writeblocks` does."""
        if operation == _COUNT:
            return self._count
        if operation == _SIZE:
            return PAGE
        if operation == _ERASE:
            self._start(argument, 0, PAGE)
            try:
                self._unlock()
                return CORRUPT if self._erase(argument) else 0
            finally:
                self._lock()
        return 0

    def _start(self, block, offset, length):
        start = block * PAGE + offset
        if block < 0 or offset < 0 or start + length > self._count * PAGE:
            raise OSError(_EINVAL)
        return start

    def _unlock(self):
        # The data cache is off meanwhile, and empty afterwards: section 3.3.8.
        flash = self._flash
        flash.SR.write(_ERRORS)
        self._wait()
        if flash.CR.read() & _LOCKED:
            _store_both(self._memory32, flash.KEYR.address, _KEYS[0], flash.KEYR.address, _KEYS[1])
        flash.ACR.modify(DCEN=0)

    def _lock(self):
        flash = self._flash
        self._wait()  # Ctrl-C ends a wait, not what it was for
        flash.CR.write(LOCK=1)
        flash.ACR.modify(DCEN=0)  # Ctrl-C may have come before that
        flash.ACR.modify(DCRST=1)
        flash.ACR.modify(DCRST=0, DCEN=1)

    def _erase(self, block):
        page = (self._base & _OF_FLASH) // PAGE + block
        flash = self._flash
        flash.CR.write(PER=1, PNB=page % _PAGES, BKER=page // _PAGES)
        flash.CR.modify(START=1)
        failed = self._wait()
        flash.CR.write(0)
        return failed

    def _program(self, at, data):
        if data == _ERASED:
            return 0  # it can then still be programmed later
        low, high = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:], "little")
        _store_both(self._memory32, self._base + at, low, self._base + at + 4, high)
        return self._wait()

    def _wait(self):
        # Returns the flags of errors, which it clears.
        for _ in range(READY_TIMEOUT_READS):
            state = self._flash.SR.read()
            if not state & _BUSY:
                break
        else:
            raise OSError(_ETIMEDOUT)
        if state & _ERRORS:
            self._flash.SR.write(state & _ERRORS)
        return state & _ERRORS
