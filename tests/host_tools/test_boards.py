"""Board and chip files: what is read from a good one, and what is said of each kind of wrong one."""

from pathlib import Path

import pytest

from host_tools.boards import CAPABILITIES, board_names, load_all, load_board, load_chip
from host_tools.errors import BoardError

CHIP = """\
name = "tiny"
title = "A tiny chip"

[core]
type = "cortex-m3"
irq_count = 32
priority_bits = 3

[memory]
rom = { base = 0x0000_0000, size = "64K", access = "rx" }
ram = { base = 0x2000_0000, size = "32K", access = "rwx" }

[peripherals]
UART0 = { block = "uart_cmsdk", base = 0x4000_4000, irq = { rx = 0, tx = 1 } }
UART1 = { block = "uart_cmsdk", base = 0x4000_5000, irq = { rx = 2, tx = 3 } }
GPIO = { block = "gpio", base = 0x4001_0000 }
"""

BOARD = """\
name = "desk"
title = "A board on the desk"
chip = "tiny"
clock_hz = 25_000_000
tier = 1

[runtime]
code = "rom"
data = "ram"
stack = "4K"
heap = "16K"

[console]
peripheral = "UART0"
baud = 115_200

[filesystem]
memory = "ram"
size = "8K"
block = 512

[peripherals]
UART1 = "UART1"

[pins]
LED = { peripheral = "GPIO", bit = 0 }

[emulator]
type = "qemu"
machine = "tiny"
min_version = "7.2"
uarts = ["UART0", "UART1"]

[capabilities]
uart = "UART1"
led = "LED"
filesystem = true

[excluded]
fpu = "the core has none"
timer = "the chip has none"
mpu = "the core has none"
bit_band = "nor that"
button = "nobody presses it"
pin = "all are in use"
clock = "nor a counter"
armv7m = "no test asks"
"""


@pytest.fixture
def boards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one good board, below the current folder."""
    folder = tmp_path / "boards"
    (folder / "chips").mkdir(parents=True)
    (folder / "chips" / "tiny.toml").write_text(CHIP)
    (folder / "desk.toml").write_text(BOARD)
    monkeypatch.chdir(tmp_path)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is to be in the file once"
    path.write_text(text.replace(old, new), encoding="utf-8")


def problems(boards: Path) -> str:
    with pytest.raises(BoardError) as caught:
        load_board("desk", boards)
    return caught.value.message


def test_shipped_boards_load() -> None:
    assert [board.name for board in load_all()] == [
        "b_l475e_iot01a",
        "mps2_an385",
        "musca_b1",
        "netduinoplus2",
        "nucleo_l476rg",
        "rpi_pico",
    ]


def test_shipped_boards_answer_for_every_capability() -> None:
    for board in load_all():
        assert board.capabilities.keys() | board.excluded.keys() == CAPABILITIES.keys()


def test_sizes_are_read_in_bytes(boards: Path) -> None:
    runtime = load_board("desk", boards).runtime
    assert (runtime.stack, runtime.heap) == (4096, 16384)


def test_size_may_be_a_number_of_bytes(boards: Path) -> None:
    edit(boards / "desk.toml", 'heap = "16K"', "heap = 1000")
    assert load_board("desk", boards).runtime.heap == 1000


def test_chip_can_be_loaded_by_itself(boards: Path) -> None:
    assert load_chip("tiny", boards).memory["ram"].end == 0x2000_8000


@pytest.mark.parametrize(
    ("core", "flags", "arch"),
    [
        ("cortex-m0+", "-mthumb -mcpu=cortex-m0plus -mfloat-abi=soft", "armv6m"),
        ("cortex-m3", "-mthumb -mcpu=cortex-m3 -mfloat-abi=soft", "armv7m"),
        ("cortex-m4f", "-mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard", "armv7emsp"),
        ("cortex-m33f", "-mthumb -mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard", "armv7emsp"),
    ],
)
def test_core_gives_the_tools_their_flags(boards: Path, core: str, flags: str, arch: str) -> None:
    edit(boards / "chips/tiny.toml", "cortex-m3", core)
    board = load_board("desk", boards)
    assert (board.chip.core.gcc_flags, board.mpy_arch) == (flags, arch)


def test_filesystem_in_the_runtimes_memory_lies_at_its_end(boards: Path) -> None:
    board = load_board("desk", boards)
    assert (board.filesystem_base, board.runtime_bytes("ram")) == (0x2000_6000, 24 * 1024)


def test_filesystem_in_memory_of_its_own_lies_at_its_start(boards: Path) -> None:
    edit(
        boards / "chips/tiny.toml", "\n\n[peri", '\nextra = { base = 0x3000_0000, size = "1M", access = "rw" }\n\n[peri'
    )
    edit(boards / "desk.toml", 'memory = "ram"', 'memory = "extra"')
    assert load_board("desk", boards).filesystem_base == 0x3000_0000


@pytest.mark.parametrize("line", ["usart", "uart"])
def test_console_interrupt_where_the_block_has_one_line(boards: Path, line: str) -> None:
    edit(boards / "chips/tiny.toml", "{ rx = 0, tx = 1 }", f"{{ {line} = 7 }}")
    assert load_board("desk", boards).console_rx_irq == 7


def test_board_may_have_no_optional_section(boards: Path) -> None:
    start = BOARD.partition("[filesystem]")[0]
    reasons = "".join(f'{name} = "none"\n' for name in CAPABILITIES)
    (boards / "desk.toml").write_text(f"{start}[excluded]\n{reasons}")
    board = load_board("desk", boards)
    assert (board.filesystem, board.emulator, board.peripherals, board.pins) == (None, None, {}, {})


def test_unknown_board_names_the_nearest_and_all(boards: Path) -> None:
    with pytest.raises(BoardError) as caught:
        load_board("desc", boards)
    assert str(caught.value) == (
        'no board is called "desc"; did you mean desk?\n  boards: desk\n'
        "  fix: name one of them, or add boards/NAME.toml"
    )


def test_unknown_board_cannot_leave_the_folder(boards: Path) -> None:
    with pytest.raises(BoardError, match='no board is called "chips/tiny"'):
        load_board("chips/tiny", boards)


def test_folder_without_boards_has_no_names(tmp_path: Path) -> None:
    assert board_names(tmp_path / "nowhere") == []


def test_wrong_board_is_wrong_usage_with_a_fix(boards: Path) -> None:
    edit(boards / "desk.toml", "tier = 1", "tier = 9")
    with pytest.raises(BoardError) as caught:
        load_board("desk", boards)
    assert caught.value.exit_status == 2
    assert caught.value.fix == "correct the file; boards/README.md lists the fields"


WRONG = r"""
- clock_hz = 25_000_000 =>
boards/desk.toml:1: clock_hz: expected a value (got nothing)
- heap = "16K" =>
boards/desk.toml:7: runtime.heap: expected a value (got nothing)
- stack = "4K" => stack = "4K"\nheep = 1
boards/desk.toml:11: runtime.heep: expected no such field (got 1)
- [pins] => [art]\n[pins]
boards/desk.toml:25: art: expected no such field (got a table)
- bit = 0 => bit = 0, on = 1
boards/desk.toml:26: pins.LED.on: expected no such field (got 1)
- 25_000_000 => "fast"
boards/desk.toml:4: clock_hz: expected an integer (got "fast")
- 25_000_000 => 0
boards/desk.toml:4: clock_hz: expected at least 1 (got 0)
- "A board on the desk" => true
boards/desk.toml:2: title: expected a string (got true)
- on the desk => €
boards/desk.toml:2: title: expected a line of ASCII text without " and \ (got "A board €")
- { peripheral = "GPIO", bit = 0 } => 3
boards/desk.toml:26: pins.LED: expected a table (got 3)
- bit = 0 => bit = 32
boards/desk.toml:26: pins.LED.bit: expected at most 31 (got 32)
- LED = { => led = {
boards/desk.toml:26: pins.led: expected a name of A-Z, 0-9 and _ (got "led")
- heap = "16K" => heap = "16k"
boards/desk.toml:11: runtime.heap: expected a size in bytes, such as 512, "256K" or "4M" (got "16k")
- heap = "16K" => heap = true
boards/desk.toml:11: runtime.heap: expected a size in bytes, such as 512, "256K" or "4M" (got true)
- type = "qemu" => type = "qume"
boards/desk.toml:29: emulator.type: expected 'qemu' or 'rp2040js' (got "qume")
- machine = "tiny" => machine = "-S"
boards/desk.toml:30: emulator.machine: expected a machine's name, as `-machine help` lists it (got "-S")
- min_version = "7.2" => min_version = "7"
boards/desk.toml:31: emulator.min_version: expected a version such as "7.2" (got "7")
- ["UART0", "UART1"] => "UART0"
boards/desk.toml:32: emulator.uarts: expected an array (got "UART0")
- uart = "UART1" => uart = false
boards/desk.toml:35: capabilities.uart: expected true, or the name of one of the board's peripherals or pins (got false)
- name = "desk" => name = "disk"
boards/desk.toml:1: name: expected "desk", as the file is called (got "disk")
- chip = "tiny" => chip = "tin"
boards/desk.toml:3: chip: expected one of tiny (got "tin")
- chip = "tiny" => chip = ["tiny"]
boards/desk.toml:3: chip: expected one of tiny (got ["tiny"])
- code = "rom" => code = "rum"
boards/desk.toml:8: runtime.code: expected one of rom, ram (got "rum")
- data = "ram" => data = "rum"
boards/desk.toml:9: runtime.data: expected one of rom, ram (got "rum")
- code = "rom" => code = "ram"
boards/desk.toml:9: runtime.data: expected a region other than runtime.code (got "ram")
- memory = "ram"\nsize = "8K" => memory = "rum"\nsize = "8K"
boards/desk.toml:18: filesystem.memory: expected one of rom, ram (got "rum")
- memory = "ram" => memory = "rom"
boards/desk.toml:18: filesystem.memory: expected a region with access w (got "rom")
- size = "8K" => size = "13K"
boards/desk.toml:19: filesystem.size: expected at most 12288, what is free in memory.ram (got 13312)
- block = 512 => block = 600
boards/desk.toml:19: filesystem.size: expected a multiple of filesystem.block, 600 (got 8192)
- UART1 = "UART1" => UART1 = "UART9"
boards/desk.toml:23: peripherals.UART1: expected one of UART0, UART1, GPIO (got "UART9")
- UART1 = "UART1" => UART1 = "UART0"
boards/desk.toml:23: peripherals.UART1: expected a peripheral that the console does not have (got "UART0")
- UART1 = "UART1" => UART1 = { instance = "UART9" }
boards/desk.toml:23: peripherals.UART1: expected one of UART0, UART1, GPIO (got "UART9")
- UART1 = "UART1" => UART1 = { instance = "UART1", pins = { tx = ["PX1", 7] } }
boards/desk.toml:23: peripherals.UART1.pins.tx: expected a pin of one of the chip's ports (got "PX1")
- UART1 = "UART1" => UART1 = { instance = "UART1", pins = { tx = "PX1" } }
boards/desk.toml:23: peripherals.UART1.pins.tx: expected an array (got "PX1")
- UART1 = "UART1" => UART1 = 3
boards/desk.toml:23: peripherals.UART1: expected a table (got 3)
- UART1 = "UART1" => UART1 = "UART1"\nUART2 = "UART1"
boards/desk.toml:24: peripherals.UART2: expected a peripheral that UART1 does not have (got "UART1")
- UART1 = "UART1" => UART1 = "UART1"\nTITLE = "GPIO"
boards/desk.toml:24: peripherals.TITLE: expected a name that is free in the module board (got "TITLE")
- "GPIO" => "GPIX"
boards/desk.toml:26: pins.LED.peripheral: expected one of UART0, UART1, GPIO (got "GPIX")
- [emulator] => [pins.LED2]\nperipheral = "GPIO"\nbit = 0\n[emulator]
boards/desk.toml:30: pins.LED2.bit: expected a bit that LED does not have (got 0)
- [emulator] => [pins.UART1]\nperipheral = "GPIO"\nbit = 1\n[emulator]
boards/desk.toml:28: pins.UART1: expected a name that is free in the module board (got "UART1")
- ["UART0", "UART1"] => [\n"UART0",\n"UART9",\n]
boards/desk.toml:34: emulator.uarts[1]: expected one of UART0, UART1, GPIO (got "UART9")
- ["UART0", "UART1"] => ["UART1"]
boards/desk.toml:32: emulator.uarts: expected the console's UART0 among others (got ["UART1"])
- led = "LED" => led = "LAMP"
boards/desk.toml:36: capabilities.led: expected one of LED, UART1 (got "LAMP")
- led = "LED" =>
boards/desk.toml:34: capabilities.led: expected a value, or why not as excluded.led (got nothing)
- mpu = "the core => led = "dark"\nmpu = "the core
boards/desk.toml:42: excluded.led: expected nothing beside capabilities.led (got "dark")
- mpu = "the core => gpu = "none"\nmpu = "the core
boards/desk.toml:42: excluded.gpu: expected one of CAPABILITIES (got "gpu")
- [filesystem]\nmemory = "ram"\nsize = "8K"\nblock = 512 =>
boards/desk.toml:34: capabilities.filesystem: expected a [filesystem] section with it (got nothing)
- [excluded]\nfpu = "the core has none" => fpu = true\n[excluded]
boards/desk.toml:39: capabilities.fpu: expected a core with an FPU (got "cortex-m3")
- tier = 1 => tier = 1\nclock_control = "RCC"
boards/desk.toml:6: clock_control: expected one of UART0, UART1, GPIO (got "RCC")
- baud = 115_200 => baud = 115_200\npins = { tx = ["PX1", 7] }
boards/desk.toml:16: console.pins.tx: expected a pin of one of the chip's ports (got "PX1")
- heap = "16K" => heap = "16K"\nmore_heap = "rom"
boards/desk.toml:12: runtime.more_heap: expected a region that nothing else has (got "rom")
boards/desk.toml:12: runtime.more_heap: expected a region with access w (got "rom")
- size = "8K"\nblock = 512 => size = "8K"\nblock = 512\ncontroller = "FLASH"
boards/desk.toml:21: filesystem.controller: expected one of UART0, UART1, GPIO (got "FLASH")
- [excluded] => [not_emulated]\nfpu = "no"\n[excluded]
boards/desk.toml:40: not_emulated.fpu: expected one of filesystem, led, uart (got "fpu")
- [capabilities] => [flash.uf2]\nboard_id = "X 1"\nboot_loader = "2e8a:3"\n[capabilities]
boards/desk.toml:35: flash.uf2.board_id: expected a name without blanks (got "X 1")
boards/desk.toml:36: flash.uf2.boot_loader: expected a vendor and a product such as "2e8a:0003" (got "2e8a:3")
- [capabilities] => [flash.floppy]\n[capabilities]
boards/desk.toml:34: flash.floppy: expected no such field (got a table)
- type = "cortex-m3" => type = "cortex-m7"
boards/chips/tiny.toml:5: core.type: expected 'cortex-m0+', 'cortex-m3', 'cortex-m4f' or 'cortex-m33f' (got "cortex-m7")
- name = "tiny"\ntitle => name = "big"\ntitle
boards/chips/tiny.toml:1: name: expected "tiny", as the file is called (got "big")
- rom = { => ROM = {
boards/chips/tiny.toml:10: memory.ROM: expected a name of a-z, 0-9 and _ (got "ROM")
- 0x2000_0000 => 0x0000_8000
boards/chips/tiny.toml:11: memory.ram.base: expected at least 0x00010000, where memory.rom ends (got 0x00008000)
- 0x2000_0000 => 0xffff_f000
boards/chips/tiny.toml:11: memory.ram.size: expected at most 4096 at this base (got 32768)
- 0x4000_5000 => 0x4000_4000
boards/chips/tiny.toml:15: peripherals.UART1.base: expected an address other than that of UART0 (got 0x40004000)
- tx = 3 => tx = 32
boards/chips/tiny.toml:15: peripherals.UART1.irq.tx: expected less than core.irq_count, 32 (got 32)
- access = "rx" => access = "r"
boards/desk.toml:8: runtime.code: expected a region with access x (got "rom")
- access = "rwx" => access = "rx"
boards/desk.toml:9: runtime.data: expected a region with access w (got "ram")
boards/desk.toml:18: filesystem.memory: expected a region with access w (got "ram")
- size = "32K" => size = "16K"
boards/desk.toml:11: runtime.heap: expected at most 16384, all of memory.ram, together with the stack (got 20480)
boards/desk.toml:19: filesystem.size: expected at most 0, what is free in memory.ram (got 8192)
- tier = 1 => tier = 1\ndispatchers = [32]
boards/desk.toml:6: dispatchers[0]: expected less than core.irq_count of the chip, 32 (got 32)
- tier = 1 => tier = 1\ndispatchers = [9, 3]
boards/desk.toml:6: dispatchers[1]: expected a line that UART1.tx does not have (got 3)
- tier = 1 => tier = 1\ndispatchers = [9, 9]
boards/desk.toml:6: dispatchers[1]: expected a line that dispatchers.0 does not have (got 9)
- tier = 1 => tier = 1\ndispatchers = [-1]
boards/desk.toml:6: dispatchers[0]: expected at least 0 (got -1)
- tier = 1 => tier = 1\ntimestamps = "TIM2"
boards/desk.toml:6: timestamps: expected one of UART0, UART1, GPIO (got "TIM2")
- machine = "tiny" => machine = "tiny"\nnvic = "armv7m"
boards/desk.toml:31: emulator.nvic: expected a path in QEMU's object tree (got "armv7m")
- [peripherals]\nUART0 => [interrupts]\nSPI = 32\n[peripherals]\nUART0
boards/chips/tiny.toml:14: interrupts.SPI: expected less than core.irq_count, 32 (got 32)
- [peripherals]\nUART0 => [interrupts]\nGPIO = 4\n[peripherals]\nUART0
boards/chips/tiny.toml:14: interrupts.GPIO: expected a name that no peripheral has (got "GPIO")
- [peripherals]\nUART0 => [interrupts]\nSPI = 3\n[peripherals]\nUART0
boards/chips/tiny.toml:14: interrupts.SPI: expected a line that UART1 does not have (got 3)
- base = 0x4001_0000 => base = 0x4001_0000, gate = { register = 0x4002_0000, bit = 32 }
boards/chips/tiny.toml:16: peripherals.GPIO.gate.bit: expected at most 31 (got 32)
- base = 0x4001_0000 => base = 0x4001_0000, reset = { bit = 1 }
boards/chips/tiny.toml:16: peripherals.GPIO.reset.register: expected a value (got nothing)
- base = 0x4001_0000 => base = 0x4001_0000, uses = { edges = "EXTI" }
boards/chips/tiny.toml:16: peripherals.GPIO.uses.edges: expected one of UART0, UART1, GPIO (got "EXTI")
- base = 0x4001_0000 => base = 0x4001_0000, pins = { prefix = "PA", count = 33 }
boards/chips/tiny.toml:16: peripherals.GPIO.pins.count: expected at most 32 (got 33)
- 0x4001_0000 } => 0, pins = {prefix="P", count=2}}\nB = { pins = {prefix="P", count=1}, block = "b", base = 1 }
boards/chips/tiny.toml:17: peripherals.B.pins: expected a prefix other than that of GPIO (got "P")
- rx = 0, tx => tx
boards/desk.toml:14: console.peripheral: expected a peripheral with an irq called rx, usart, uart or usb (got "UART0")
"""


def wrong_files() -> list[tuple[str, str, str]]:
    """What to replace in one of the two files, by what, and the whole message that has to follow."""
    cases = []
    told = WRONG.replace("one of CAPABILITIES", f"one of {', '.join(CAPABILITIES)}")
    for case in ("\n" + told.strip()).split("\n- ")[1:]:
        change, message = case.split("\n", 1)
        old, new = change.replace(r"\n", "\n").split(" =>")
        cases.append((old, new.removeprefix(" "), message))
    return cases


@pytest.mark.parametrize(("old", "new", "message"), wrong_files())
def test_wrong_file_is_told_with_its_line(boards: Path, old: str, new: str, message: str) -> None:
    edit(boards / ("desk.toml" if old in BOARD else "chips/tiny.toml"), old, new)
    assert problems(boards) == message


def test_every_problem_of_a_file_is_told(boards: Path) -> None:
    edit(boards / "desk.toml", "tier = 1", 'tier = "first"')
    edit(boards / "desk.toml", "bit = 0", "bit = -1")
    assert problems(boards) == (
        'boards/desk.toml:5: tier: expected an integer (got "first")\n'
        "boards/desk.toml:26: pins.LED.bit: expected at least 0 (got -1)"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tier = 1", "tier 1", "boards/desk.toml:5: not TOML: Expected '=' after a key in a key/value pair"),
        ("tier = 1", "tier = 1\ntier = 2", "boards/desk.toml:6: not TOML: Cannot overwrite a value"),
        ('mpu = "the core has none"\n', 'mpu = """', "boards/desk.toml:46: not TOML: Unterminated string"),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(boards: Path, old: str, new: str, message: str) -> None:
    edit(boards / "desk.toml", old, new)
    assert problems(boards).startswith(message)


def test_what_is_not_text_is_told_with_its_line(boards: Path) -> None:
    (boards / "desk.toml").write_bytes(b'name = "desk"\ntitle = "\xff"\n')
    assert problems(boards) == "boards/desk.toml:2: expected UTF-8 text"


def test_what_cannot_be_read_is_told(boards: Path) -> None:
    (boards / "desk.toml").unlink()
    (boards / "desk.toml").mkdir()
    assert problems(boards) == "boards/desk.toml: Is a directory"


def test_file_below_another_folder_is_told_with_its_whole_path(boards: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(boards / "desk.toml", "tier = 1", "tier = 9")
    monkeypatch.chdir(boards / "chips")
    assert problems(boards) == f"{boards}/desk.toml:5: tier: expected at most 3 (got 9)"


def test_load_all_tells_each_wrong_file_once(boards: Path) -> None:
    (boards / "lab.toml").write_text(BOARD.replace('"desk"', '"lab"'))
    (boards / "shelf.toml").write_text("tier = ?")
    edit(boards / "chips/tiny.toml", "irq_count = 32", "irq_count = 0")
    with pytest.raises(BoardError) as caught:
        load_all(boards)
    assert caught.value.message == (
        "boards/chips/tiny.toml:6: core.irq_count: expected at least 1 (got 0)\n"
        "boards/shelf.toml:1: not TOML: Invalid value"
    )


RUNTIME = """[runtime]
code = "rom"
data = "ram"
stack = "4K"
heap = "16K"
"""
FIRMWARE = """[firmware]
port = "rp2"
board = "RPI_PICO"
memory = "rom"
flash = "48K"
"""


@pytest.fixture
def stock(boards: Path) -> Path:
    """The board, with a firmware of MicroPython's own and its file system in flash."""
    edit(boards / "desk.toml", RUNTIME, FIRMWARE)
    edit(boards / "desk.toml", 'memory = "ram"', 'memory = "rom"')
    return boards


def test_filesystem_of_a_firmware_lies_at_the_end_of_its_flash(stock: Path) -> None:
    board = load_board("desk", stock)
    assert (board.filesystem_base, board.runtime_bytes("rom")) == (40 * 1024, 40 * 1024)
    assert board.runtime is None
    with pytest.raises(ValueError, match="desk does not run Corten's own port"):
        _ = board.own_port


def test_console_of_a_firmware_needs_no_rate(stock: Path) -> None:
    edit(stock / "desk.toml", "baud = 115_200\n", "")
    assert load_board("desk", stock).console.baud == 115_200


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (FIRMWARE, "", "1: runtime: expected either this section or [firmware] (got nothing)"),
        (FIRMWARE, FIRMWARE + RUNTIME, "12: runtime: expected either this section or [firmware] (got nothing)"),
        ('"rp2"', '"stm32"', "8: firmware.port: expected 'rp2' (got \"stm32\")"),
        ('"RPI_PICO"', '"rpi"', '9: firmware.board: expected the name of a folder in the port\'s boards (got "rpi")'),
        ('"rom"\nfl', '"rim"\nfl', '10: firmware.memory: expected one of rom, ram (got "rim")'),
        ('"48K"', '"1M"', "11: firmware.flash: expected at most 65536, all of memory.rom (got 1048576)"),
        ('"8K"', '"50K"', "19: filesystem.size: expected at most 49152, what is free in memory.rom (got 51200)"),
    ],
)
def test_wrong_firmware_is_told_with_its_line(stock: Path, old: str, new: str, message: str) -> None:
    edit(stock / "desk.toml", old, new)
    assert f"boards/desk.toml:{message}" in problems(stock).splitlines()
