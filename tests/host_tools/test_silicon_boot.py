"""What real hardware asks of an image and the emulator would forgive: clocks, pins, and life without a debugger."""

import json
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.targets.qemu import dies_with_us
from host_tools.targets.version import PROGRAM
from tests.host_tools.commands import Corten

BOARD = "nucleo_l476rg"
PROMPT = b">>> "
TIMEOUT_S = 20.0

REGISTERS = {  # RM0351, sections 2.2, 6.4, 8.5 and 40.8
    "CR": 0x4002_1000,
    "CFGR": 0x4002_1008,
    "PLLCFGR": 0x4002_100C,
    "AHB2ENR": 0x4002_104C,
    "APB1ENR1": 0x4002_1058,
    "MODER": 0x4800_0000,
    "AFRL": 0x4800_0020,
    "CR1": 0x4000_4400,
    "BRR": 0x4000_440C,
    "CPACR": 0xE000_ED88,
}


class NoDebugger:
    """The image on an emulated machine that answers no semihosting call, as a board without a debugger."""

    def __init__(self, image: Image) -> None:
        emulator = image.board.emulator
        assert emulator
        assert emulator.type == "qemu"
        lines = ["stdio" if name == image.board.console.peripheral else "null" for name in emulator.uarts]
        command = [PROGRAM, "-machine", emulator.machine, "-kernel", str(image.elf), "-nodefaults", "-display", "none"]
        self._process = subprocess.Popen(
            [*dies_with_us(), *command, *(word for line in lines for word in ("-serial", line))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def say(self, text: bytes) -> bytes:
        """Types something and returns what comes back until the next prompt."""
        assert self._process.stdin
        self._process.stdin.write(text)
        self._process.stdin.flush()
        return self.until(PROMPT)

    def until(self, ending: bytes) -> bytes:
        assert self._process.stdout
        deadline = time.monotonic() + TIMEOUT_S
        seen = b""
        while not seen.endswith(ending):
            left = deadline - time.monotonic()
            assert left > 0, f"no {ending!r} within {TIMEOUT_S:g} s: {seen!r}"
            if select.select([self._process.stdout], [], [], left)[0]:
                data = self._process.stdout.read1(4096)  # type: ignore[attr-defined]  # a buffered reader has it
                assert data, f"the emulator ended: {seen!r}"
                seen += data
        return seen

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def nucleo(built: Path) -> Image:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        return build(load_board(BOARD), None, print)


@pytest.fixture(params=["nucleo", "image"])
def alone(request: pytest.FixtureRequest) -> Iterator[NoDebugger]:
    """A Cortex-M4F and a Cortex-M3 without a debugger."""
    board = NoDebugger(request.getfixturevalue(request.param))
    yield board
    board.close()


def test_boots_to_the_prompt_without_a_debugger(alone: NoDebugger) -> None:
    assert b"MicroPython v" in alone.until(PROMPT)
    assert b"\r\n42\r\n" in alone.say(b"print(6 * 7)\r\n")


def test_a_fault_is_told_and_the_board_resets(alone: NoDebugger) -> None:
    alone.until(PROMPT)
    said = alone.say(b"import machine; machine.mem32[0xFFFFFFF0] = machine.mem32[0x60000000]\r\n")
    assert said.count(b"FAULT") == 2, said
    assert b"MicroPython v" in said, "it has booted again"


def test_a_breakpoint_of_another_kind_is_a_fault(alone: NoDebugger) -> None:
    alone.until(PROMPT)
    alone.say(b"import micropython, array\r\n")
    said = alone.say(b"exec('@micropython.asm_thumb\\ndef stop():\\n    data(2, 0xBE00)\\n'); stop()\r\n")
    assert b"FAULT HardFault" in said


def test_clock_pins_and_baud_rate_are_those_of_the_silicon(corten: Corten) -> None:
    source = (
        f"import machine, json\nprint(json.dumps({{n: machine.mem32[a] & 0xFFFFFFFF for n, a in {REGISTERS}.items()}}))"
    )
    ended = corten("exec", "--board", BOARD, source)
    assert ended.status == 0, ended.err
    found = json.loads(ended.out)
    hsi16, source_hsi16, sws_pll = 1 << 8 | 1 << 10, 2, 3 << 2
    assert found["CR"] & (hsi16 | 3 << 24) == hsi16 | 3 << 24, "HSI16 and the PLL are on and ready"
    assert found["PLLCFGR"] & 0x0700_7F73 == 1 << 24 | 10 << 8 | source_hsi16, "16 MHz / 1 * 10 / 2"
    assert found["CFGR"] & (0x3FFF & ~3) == sws_pll, "the PLL drives the core; no prescaler"
    assert found["AHB2ENR"] & 1, "GPIOA's clock"
    assert found["APB1ENR1"] & 1 << 17, "USART2's clock"
    assert found["MODER"] >> 4 & 0xF == 0b1010, "PA2 and PA3 are a peripheral's"
    assert found["AFRL"] >> 8 & 0xFF == 0x77, "AF7: USART2"
    assert found["BRR"] == round(80_000_000 / 115_200)
    assert found["CR1"] & 0b1101 == 0b1101
    assert found["CPACR"] >> 20 & 0xF == 0xF, "the FPU"


def test_without_a_flash_controller_there_is_no_file_system(corten: Corten) -> None:
    ended = corten("exec", "--board", BOARD, "import vfs, board; print(vfs.mount(), board.FILESYSTEM_CONTROLLER)")
    assert ended.status == 0, ended.err
    assert ended.out.startswith("[] ('flash_stm32_l4', ")
