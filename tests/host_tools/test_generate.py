"""What is generated from a board: the texts, and that each tool takes its own."""

import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host_tools import generate, paths
from host_tools.board_models import MODULE_NAMES, ChipPeripheral, Offer
from host_tools.boards import Board, load_all, load_board

Run = Callable[[Board], dict[str, Any]]

HEADER = """\
/* mps2_an385, generated from boards/mps2_an385.toml: do not edit. */
#pragma once

#define CORTEN_BOARD_NAME "mps2_an385"
#define CORTEN_BOARD_TITLE "Arm MPS2 with AN385"
#define CORTEN_CHIP_TITLE "Arm AN385 (MPS2 FPGA)"
#define CORTEN_CPU_HZ 25000000
#define CORTEN_IRQ_COUNT 32
#define CORTEN_PRIORITY_BITS 3
#define CORTEN_CONSOLE_BASE 0x40004000
#define CORTEN_CONSOLE_RX_IRQ 0
#define CORTEN_CONSOLE_BAUD 115200
#define CORTEN_HEAP_BYTES 262144
#define CORTEN_SEMIHOSTING 1
#define CORTEN_CONSOLE_GATE { 0, 0 }
"""

LINKER = """\
/* mps2_an385, generated from boards/mps2_an385.toml: do not edit. */
MEMORY
{
    CODE (rx) : ORIGIN = 0x00000000, LENGTH = 4194304
    DATA (rwx) : ORIGIN = 0x20000000, LENGTH = 4194304
}

_stack_size = 16384;
"""

MAKE = """\
# mps2_an385, generated from boards/mps2_an385.toml: do not edit.
CORE_FLAGS = -mthumb -mcpu=cortex-m3 -mfloat-abi=soft
BLOCKS = uart_cmsdk
MPY_ARCH = armv7m
"""

MODULE = '''\
"""mps2_an385, generated from boards/mps2_an385.toml: do not edit."""

from corten import peripheral
from corten.peripheral import Peripheral, Pin

NAME = "mps2_an385"
TITLE = "Arm MPS2 with AN385"
CLOCK_HZ = 25_000_000
IRQ_COUNT = 32
PRIORITY_BITS = 3
PRIORITIES = 8
BASEPRI = True
INTERRUPTS = {"TIMER0": 8, "TIMER1": 9, "UART0.overrun": 12, "UART0.rx": 0, "UART0.tx": 1, "UART1.overrun": 12, "UART1.rx": 2, "UART1.tx": 3}
DISPATCHERS = (20, 21, 22, 23)
CLOCK: tuple | None = ("fpgaio", 0x4002_8000, 25_000_000, ())  # see corten.clock
FILESYSTEM = (0x2100_0000, 262144, 512)  # base, size and block in bytes
FILESYSTEM_CONTROLLER = None

TIMER0 = Peripheral("TIMER0", "timer_cmsdk", 0x4000_0000, CLOCK_HZ, {"timer": 8})
TIMER1 = Peripheral("TIMER1", "timer_cmsdk", 0x4000_1000, CLOCK_HZ, {"timer": 9})
UART1 = Peripheral("UART1", "uart_cmsdk", 0x4000_5000, CLOCK_HZ, {"rx": 2, "tx": 3, "overrun": 12})
LED = Pin("LED", "fpgaio", 0x4002_8000, 0)
LED2 = Pin("LED2", "fpgaio", 0x4002_8000, 1)
BUTTON = Pin("BUTTON", "fpgaio", 0x4002_8000, 2)
BUTTON2 = Pin("BUTTON2", "fpgaio", 0x4002_8000, 3)

CAPABILITIES: dict = {"timer": TIMER0, "clock": True, "uart": UART1, "led": LED, "button": BUTTON, "filesystem": FILESYSTEM, "armv7m": True, "mpu": True, "bit_band": True}
PORTS = ()
_OFFERS = {"TIMER0": TIMER0, "TIMER1": TIMER1, "UART1": UART1, "LED": LED, "LED2": LED2, "BUTTON": BUTTON, "BUTTON2": BUTTON2}


def take(name, owner=None):
    """Take what the board or the chip calls `name`, such as "LED" or "PA5"; see `corten.peripheral.take`."""
    return peripheral.take(_OFFERS, PORTS, name, owner)
'''  # noqa: E501 - one long line is generated


@pytest.fixture
def mps2() -> Board:
    return load_board("mps2_an385")


@pytest.fixture(params=[board.name for board in load_all()])
def board(request: pytest.FixtureRequest) -> Board:
    """Each of the shipped boards in turn."""
    return load_board(request.param)


@pytest.fixture(params=[board.name for board in load_all() if board.runtime])
def own(request: pytest.FixtureRequest) -> Board:
    """Each of the boards that run Corten's own port in turn."""
    return load_board(request.param)


@pytest.fixture
def bare(mps2: Board) -> Board:
    """A board that has nothing but a console."""
    absent = {
        "filesystem": None,
        "emulator": None,
        "peripherals": {},
        "pins": {},
        "capabilities": {"armv7m": True, "mpu": True, "bit_band": True},
    }
    return mps2.model_copy(update=absent)


def moved_filesystem(board: Board, memory: str) -> Board:
    assert board.filesystem is not None
    return board.model_copy(update={"filesystem": board.filesystem.model_copy(update={"memory": memory})})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a board's generated module under CPython, with the firmware beside it, and gives its public names."""
    stand_ins = Path(__file__).parents[1] / "firmware"
    for folder in (stand_ins, stand_ins / "stubs", paths.firmware_dir()):
        monkeypatch.syspath_prepend(str(folder))

    def run(board: Board) -> dict[str, Any]:
        path = tmp_path / "board.py"
        path.write_text(generate.board_module(board), encoding="utf-8")
        return {name: value for name, value in runpy.run_path(str(path)).items() if name.isupper() and name[0] != "_"}

    return run


def test_header(mps2: Board) -> None:
    assert generate.board_header(mps2) == HEADER


def test_header_without_an_emulator_has_no_semihosting(bare: Board) -> None:
    assert "#define CORTEN_SEMIHOSTING 0\n" in generate.board_header(bare)


def test_header_takes_the_one_interrupt_of_a_usart() -> None:
    assert "#define CORTEN_CONSOLE_RX_IRQ 37\n" in generate.board_header(load_board("netduinoplus2"))


def test_linker_memory(mps2: Board) -> None:
    assert generate.linker_memory(mps2) == LINKER


@pytest.mark.parametrize(("memory", "line"), [("ssram1", "CODE (rx) : ORIGIN = 0x0"), ("ssram23", "DATA (rwx)")])
def test_linker_memory_leaves_out_a_filesystem_in_the_same_region(mps2: Board, memory: str, line: str) -> None:
    lines = generate.linker_memory(moved_filesystem(mps2, memory)).splitlines()
    assert [text.rpartition(" ")[2] for text in lines if line in text] == ["3932160"]


def test_make_fragment(mps2: Board) -> None:
    assert generate.make_fragment(mps2) == MAKE


def test_module(mps2: Board) -> None:
    assert generate.board_module(mps2) == MODULE


def test_module_gives_a_filesystem_behind_the_heap_its_own_address(mps2: Board) -> None:
    assert "FILESYSTEM = (0x203c_0000, 262144, 512)" in generate.board_module(moved_filesystem(mps2, "ssram23"))


def test_module_gives_what_the_chip_says_of_gates_ports_and_pins(mps2: Board) -> None:
    gate, line = {"register": 0x4002_1000, "bit": 3}, {"register": 0x4002_1004, "bit": 4, "done": 0x4002_1008}
    fpgaio = {"block": "fpgaio", "base": 0x4002_8000, "pins": {"prefix": "PX", "count": 4}, "uses": {"edges": "EDGES"}}
    uart = {"block": "uart_cmsdk", "base": 0x4000_5000, "gate": gate, "reset": line}
    edges = {"block": "edges", "base": 0x4003_0000, "gate": {**gate, "bit": 5}}
    made = {"FPGAIO": fpgaio, "UART1": uart, "EDGES": edges}
    peripherals = mps2.chip.peripherals | {name: ChipPeripheral.model_validate(each) for name, each in made.items()}
    offer = Offer(instance="UART1", pins={"tx": ("PX2", 7)})
    changed = {"chip": mps2.chip.model_copy(update={"peripherals": peripherals}), "peripherals": {"SERIAL": offer}}
    module = generate.board_module(mps2.model_copy(update=changed))
    serial = 'gates=((0x4002_1000, 3),), reset=(0x4002_1004, 4, 0x4002_1008), pins={"tx": ("PX2", 7)})'
    assert f'SERIAL = Peripheral("SERIAL", "uart_cmsdk", 0x4000_5000, CLOCK_HZ, {{}}, {serial}\n' in module
    rest = '{"edges": 0x4003_0000}, ((0x4002_1000, 5),)'
    assert f'PORTS = (("PX", 4, "fpgaio", 0x4002_8000, {rest}),)\n' in module
    uses = 'uses={"edges": 0x4003_0000}, gates=((0x4002_1000, 5),)'
    assert f'LED = Pin("LED", "fpgaio", 0x4002_8000, 0, {uses})\n' in module


def test_module_of_a_bare_board_runs(bare: Board, run: Run) -> None:
    names = run(bare)
    assert (names["FILESYSTEM"], names["CAPABILITIES"]) == (None, {"armv7m": True, "mpu": True, "bit_band": True})


def test_module_runs_with_the_firmwares_own_classes(board: Board, run: Run) -> None:
    names = run(board)
    assert names["CAPABILITIES"].keys() == board.capabilities.keys()


def test_module_offers_all_but_the_console(board: Board, run: Run) -> None:
    names = run(board)
    assert names.keys() - set(MODULE_NAMES) == board.peripherals.keys() | board.pins.keys()


def test_module_defines_the_names_that_boards_may_not_use(bare: Board, run: Run) -> None:
    assert run(bare).keys() == set(MODULE_NAMES) - {"BUILD"}, "which the build of an image adds"


def test_same_board_gives_the_same_texts(own: Board) -> None:
    again = load_board(own.name)
    for make in (generate.board_header, generate.linker_memory, generate.make_fragment, generate.board_module):
        assert make(own) == make(again)


def test_file_system_of_a_firmware_lies_at_the_end_of_its_flash() -> None:
    module = generate.board_module(load_board("rpi_pico"))
    assert "FILESYSTEM = (0x100a_0000, 1441792, 4096)  # base, size and block in bytes" in module


@pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="arm-none-eabi-gcc is not on PATH")
def test_compiler_and_linker_take_their_texts(own: Board, tmp_path: Path) -> None:
    header, script, unit = tmp_path / "board_config.h", tmp_path / "memory.ld", tmp_path / "main.c"
    header.write_text(generate.board_header(own))
    script.write_text(generate.linker_memory(own) + "SECTIONS { .text : { *(.text*) } > CODE }\n")
    unit.write_text('#include "board_config.h"\n_Static_assert(CORTEN_CPU_HZ > 0, "");\nvoid _start(void) {}\n')
    flags = [*own.chip.core.gcc_flags.split(), "-Wall", "-Werror", "-nostdlib", "-T", str(script)]
    subprocess.run(["arm-none-eabi-gcc", *flags, str(unit), "-o", str(tmp_path / "a.elf")], check=True)
