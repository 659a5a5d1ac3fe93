"""The STM32L4 flash driver on a model of the controller: ST RM0351, sections 3.3.5 to 3.3.8 and 3.7."""

import pytest
import uctypes

from corten.drivers.flash_stm32_l4 import BANK, CORRUPT, PAGE, Disk

CONTROLLER = 0x4002_2000
ACR, KEYR, SR, CR = 0x00, 0x08, 0x10, 0x14
KEYS = [0x4567_0123, 0xCDEF_89AB]
PG, PER, BKER, START, LOCK = 1 << 0, 1 << 1, 1 << 11, 1 << 16, 1 << 31
PROGERR, PGSERR, BSY, DCEN, DCRST = 1 << 3, 1 << 7, 1 << 16, 1 << 10, 1 << 12
PAGES = 4


class Controller:
    """The controller and the flash behind it, by words: what is not allowed sets an error, as on the chip."""

    def __init__(self, memory, base, first_page):
        self.memory, self.base, self.first_page = memory, base, first_page
        self.acr, self.sr, self.cr = 0x0704, 0, LOCK
        self.keys: list[int] = []
        self.low: tuple[int, int] | None = None
        self.erased: list[int] = []
        self.busy_reads = 0
        self.is_stuck = False
        self.flushes = 0
        self.ctrl_c_after = -1  # accesses

    def interrupt(self):
        """Ctrl-C, where the program can see it."""
        self.ctrl_c_after -= 1
        if self.ctrl_c_after == 0:
            raise KeyboardInterrupt

    def __getitem__(self, address):
        self.interrupt()
        offset = address - CONTROLLER
        if offset == SR:
            self.busy_reads = max(0, self.busy_reads - 1)
            return self.sr | (BSY if self.busy_reads or self.is_stuck else 0)
        return {ACR: self.acr, CR: self.cr}[offset]

    def __setitem__(self, address, value):
        if self.base <= address < self.base + len(self.memory):
            self._program(address - self.base, value)
            return
        offset = address - CONTROLLER
        assert not (self.busy_reads and offset != SR), "registers are written while the flash is busy"
        if offset == KEYR:
            assert self.cr & LOCK, "a key while it is unlocked: it stays locked until the next reset"
            assert value == KEYS[len(self.keys) % 2], "a wrong key: it stays locked until the next reset"
            self.keys.append(value)
            if self.keys[-2:] == KEYS:
                self.cr &= ~LOCK
        elif offset == SR:
            self.sr &= ~value
        elif offset == ACR:
            assert not (value & DCRST and value & DCEN), "the cache is reset while it is on"
            self.flushes += bool(value & DCRST)
            self.acr = value
        elif not self.cr & LOCK or value & LOCK:
            self.cr = value
            if value & START and value & PER:
                self._erase(value)
        if offset != KEYR:
            self.interrupt()

    def _erase(self, value):
        page = (value >> 3 & 0xFF) + (BANK // PAGE if value & BKER else 0) - self.first_page
        assert 0 <= page < PAGES, "a page that is not the disk's was erased"
        self.memory[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
        self.erased.append(page)
        self.busy_reads = 3
        self.cr &= ~START

    def _program(self, at, value):
        assert not self.busy_reads, "the flash is busy"
        assert not self.acr & DCEN, "the data cache is on while the flash changes"
        if not self.cr & PG or self.cr & LOCK:
            self.sr |= PGSERR
        elif at % 8 == 0:
            self.low = (at, value)
        elif self.low is None or self.low[0] != at - 4:
            self.sr |= PGSERR
        else:
            double = self.low[1].to_bytes(4, "little") + value.to_bytes(4, "little")
            if self.memory[at - 4 : at + 4] != b"\xff" * 8:
                self.sr |= PROGERR
            else:
                self.memory[at - 4 : at + 4] = double
                self.busy_reads = 2
            self.low = None


class Bus:
    def __init__(self, controller):
        self.mem32 = self.mem16 = self.mem8 = controller


@pytest.fixture
def memory(monkeypatch):
    """Two pages on each side of the line between the banks."""
    base = 0x0808_0000 - 2 * PAGE
    pages = bytearray(b"\xff" * PAGE * PAGES)
    monkeypatch.setattr(uctypes, "bytearray_at", lambda address, size: memoryview(pages)[address - base :][:size])
    return base, pages


@pytest.fixture
def controller(memory):
    base, pages = memory
    return Controller(pages, base, (base & (2 * BANK - 1)) // PAGE)


@pytest.fixture
def disk(memory, controller):
    return Disk(CONTROLLER, memory[0], PAGE * PAGES, PAGE, Bus(controller))


def errno_of(call, *arguments):
    with pytest.raises(OSError, match=r".*") as caught:
        call(*arguments)
    return caught.value.args[0]


def test_programs_and_reads(disk, controller):
    disk.writeblocks(1, bytes(range(64)), 128)
    buffer = bytearray(66)
    disk.readblocks(1, buffer, 127)
    assert bytes(buffer) == b"\xff" + bytes(range(64)) + b"\xff"
    assert controller.cr == LOCK
    assert controller.acr & DCEN
    assert controller.flushes == 1
    assert controller.erased == []


@pytest.mark.parametrize("page", range(PAGES))
def test_erases_one_page_of_either_bank(disk, controller, memory, page):
    disk.writeblocks(page, b"\0" * PAGE, 0)
    assert disk.ioctl(6, page) == 0
    assert controller.erased == [page]
    assert memory[1] == b"\xff" * PAGE * PAGES
    assert controller.cr == LOCK


def test_whole_blocks_are_erased_first(disk, controller, memory):
    disk.writeblocks(1, b"\0" * 2 * PAGE, 0)
    disk.writeblocks(1, b"\x55" * 2 * PAGE)
    assert controller.erased == [1, 2]
    assert memory[1][PAGE : 3 * PAGE] == b"\x55" * 2 * PAGE


def test_programming_twice_is_an_error_and_leaves_it_locked(disk, controller):
    disk.writeblocks(0, b"\x01" * 8, 0)
    assert disk.writeblocks(0, b"\x02" * 8, 0) == CORRUPT
    assert (controller.cr, controller.sr) == (LOCK, 0)
    disk.writeblocks(0, b"\x03" * 8, 8)


def test_an_old_error_is_forgotten(disk, controller):
    controller.sr = PROGERR
    disk.writeblocks(0, b"\x01" * 8, 0)


def test_erased_double_words_stay_programmable(disk):
    disk.writeblocks(0, b"\xff" * 8 + b"\x01" * 8, 0)
    disk.writeblocks(0, b"\x02" * 8, 0)


@pytest.mark.parametrize(("block", "size", "offset"), [(0, 4, 0), (0, 8, 4), (4, 8, 0), (-1, 8, 0), (3, 16, PAGE - 8)])
def test_what_is_no_double_word_or_outside(disk, controller, block, size, offset):
    assert errno_of(disk.writeblocks, block, b"\0" * size, offset) == 22
    assert controller.cr == LOCK


def test_a_flash_that_stays_busy_is_given_up(disk, controller, monkeypatch):
    monkeypatch.setattr("corten.drivers.flash_stm32_l4.READY_TIMEOUT_READS", 5)
    controller.is_stuck = True
    assert errno_of(disk.ioctl, 6, 0) == 110


@pytest.mark.parametrize("accesses", range(1, 60))
def test_after_ctrl_c_at_any_access_it_works(disk, controller, memory, accesses):
    controller.ctrl_c_after = accesses
    try:
        disk.writeblocks(0, b"\x01" * 16)
        assert accesses > 25
    except KeyboardInterrupt:
        pass
    controller.ctrl_c_after = -1
    disk.writeblocks(1, b"\x02" * 8, 0)
    again = Disk(CONTROLLER, memory[0], PAGE * PAGES, PAGE, Bus(controller))
    again.writeblocks(0, b"\x03" * 8)
    assert memory[1][:8] + memory[1][PAGE : PAGE + 8] == b"\x03" * 8 + b"\x02" * 8


def test_what_a_ctrl_c_left_unlocked_is_locked(memory, controller):
    controller.cr = 0
    Disk(CONTROLLER, memory[0], PAGE, PAGE, Bus(controller)).writeblocks(0, b"\x01" * 8)
    assert memory[1][:8] == b"\x01" * 8


def test_without_a_controller(memory):
    class Nothing:
        def __getitem__(self, address):
            return 0

        def __setitem__(self, address, value):
            pass

    assert errno_of(Disk, CONTROLLER, memory[0], PAGE, PAGE, Bus(Nothing())) == 19


@pytest.mark.parametrize(
    ("base", "size", "block"), [(8, PAGE, PAGE), (0, PAGE + 8, PAGE), (0, 0, PAGE), (0, PAGE, 512)]
)
def test_what_is_no_disk(memory, controller, base, size, block):
    with pytest.raises(ValueError, match="whole pages of 2048 bytes"):
        Disk(CONTROLLER, memory[0] + base, size, block, Bus(controller))


def test_size(disk):
    assert (disk.ioctl(4, 0), disk.ioctl(5, 0), disk.ioctl(1, 0)) == (PAGES, PAGE, 0)
