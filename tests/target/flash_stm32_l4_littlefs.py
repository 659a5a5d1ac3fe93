# timeout: 120
"""LittleFS on the STM32L4's flash driver, on registers and pages in RAM that keep the controller's rules.

After a power cut in any operation the file is the old or the new one.
"""

import gc

import uctypes
import vfs

import board
from corten.drivers.flash_stm32_l4 import PAGE, Disk

PAGES = 6
CONTROLLER = 0x4002_2000
SR, CR, KEYR = 0x10, 0x14, 0x08
PG, PER, START, LOCK = 1, 2, 1 << 16, 1 << 31
MOST_CUTS = 60
STEP = 1 if board.BASEPRI else 8  # all of them take the emulated Cortex-M0+ half a minute


class PowerCut(Exception):
    pass


class Chip:
    """mem32 of a bus: the controller's registers, and the flash."""

    def __init__(self, base, memory):
        self.base, self.memory = base, memory
        self.cr, self.acr, self.low = LOCK, 0x704, 0
        self.left = -1  # operations until the power is cut

    def operate(self):
        if self.left == 0:
            raise PowerCut
        self.left -= 1

    def __getitem__(self, address):
        offset = address - CONTROLLER
        return {0: self.acr, SR: 0, CR: self.cr}[offset]

    def __setitem__(self, address, value):
        at = address - self.base
        if 0 <= at < len(self.memory):
            if at % 8 == 0:
                self.low = value
                return
            self.operate()
            assert self.cr & PG
            assert self.memory[at - 4 : at + 4] == b"\xff" * 8, "a double word was programmed twice"
            self.memory[at - 4 : at + 4] = self.low.to_bytes(4, "little") + value.to_bytes(4, "little")
        elif address == CONTROLLER + KEYR:
            self.cr = 0
        elif address == CONTROLLER + CR:
            self.cr = value
            if value & START:
                first = (self.base & 0xF_FFFF) // PAGE
                page = (value >> 3 & 0xFF) + (256 if value & 1 << 11 else 0) - first
                self.operate()
                self.memory[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
        elif address == CONTROLLER:
            self.acr = value


class Bus:
    def __init__(self, chip):
        self.mem32 = chip


def content(name):
    with open("/model/" + name, "rb") as file:
        return file.read()


def write(name, data):
    with open("/model/" + name, "wb") as file:
        file.write(data)


gc.collect()
whole = bytearray(PAGE * (PAGES + 1))
base = -(-uctypes.addressof(whole) // PAGE) * PAGE
pages = memoryview(uctypes.bytearray_at(base, PAGE * PAGES))
for index in range(len(pages)):
    pages[index] = 0xFF


def power_on():
    """The chip after a reset: what still holds the one before reaches nothing any more."""
    chip = Chip(base, pages)
    return chip, Disk(CONTROLLER, base, PAGE * PAGES, PAGE, Bus(chip))


chip, disk = power_on()
vfs.VfsLfs2.mkfs(disk)
vfs.mount(disk, "/model")
write("settings", b"old!" * 34)
write("other", b"kept")
vfs.umount("/model")

values = (b"old!" * 34, b"new!" * 34)
cuts = 0
done = False
while not done and cuts < MOST_CUTS:
    chip, disk = power_on()
    vfs.mount(disk, "/model")
    found = content("settings")
    assert found in values, "neither the old nor the new one after cut %d" % cuts
    assert content("other") == b"kept"
    chip.left = cuts
    try:
        write("settings", values[1] if found == values[0] else values[0])
        done = True
    except (PowerCut, OSError):
        pass
    chip.left = 0  # nothing more is written: the power is off
    try:
        vfs.umount("/model")
    except (PowerCut, OSError):
        pass
    cuts += STEP
    gc.collect()
assert cuts > 2 * STEP, "the power was cut in several operations"
assert done, "and at last in none"
