"""Flashing over the boot loader of an STM32's ROM, end to end against one that speaks AN3155 byte by byte."""

from pathlib import Path

import pytest
import serial

from host_tools import flashers
from host_tools.errors import FailedError, TargetError, UsageError
from tests.host_tools.an3155 import EXTENDED_ERASE, GET, GET_ID, GO, READ, WRITE, BootLoader
from tests.host_tools.commands import eventually
from tests.host_tools.flashing import BASE, SIZE, image_bytes, job
from tests.host_tools.rfc2217_server import pyserial_server

CHIP = 0x415
PAGE = 2048
FLASH = 16 * PAGE


def boot_loader(chip_id: int = CHIP, **how: object) -> BootLoader:
    return BootLoader(chip_id, BASE, FLASH, PAGE, **how)  # type: ignore[arg-type]


def test_writes_reads_back_and_starts(tmp_path: Path) -> None:
    with boot_loader() as chip:
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
        assert chip.flash[:SIZE] == image_bytes()
        eventually(lambda: chip.started_at == BASE, "the chip has left its boot loader")
        assert chip.commands[:2] == [GET, GET_ID]
        assert {EXTENDED_ERASE, WRITE, READ} < set(chip.commands)
        assert chip.commands[-1] == GO


def test_erases_the_pages_of_the_image_and_no_other(tmp_path: Path) -> None:
    with boot_loader() as chip:
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
        assert bytes(chip.flash[SIZE : 3 * PAGE]).strip(b"\xff") == b""
        assert bytes(chip.flash[3 * PAGE :]).strip(b"\0") == b"", "what the application stores there is kept"


def test_another_chip_is_refused_before_anything_is_erased(tmp_path: Path) -> None:
    with boot_loader(0x413) as chip, pytest.raises(UsageError, match=r"the chip's id is 0x413 \(STM32F405"):
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
    assert chip.commands == [GET, GET_ID]
    assert chip.flash == bytes(FLASH)


def test_the_line_gets_even_parity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AN3155, section 1: 8 data bits, even parity, one stop bit. A pseudo-terminal cannot have it."""
    monkeypatch.setattr("host_tools.flashers.stm32_uart.ANSWER_TIMEOUT_S", 0.1)
    with serial.serial_for_url("loop://", timeout=0) as line, pyserial_server(line) as port:
        with pytest.raises(TargetError, match="no boot loader answers"):
            flashers.flash(job(tmp_path, port), "stm32_uart")
        assert (line.parity, line.bytesize, line.stopbits) == (serial.PARITY_EVEN, 8, 1)


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host_tools.flashers.stm32_uart.ANSWER_TIMEOUT_S", 0.1)
    with boot_loader(is_silent=True) as chip, pytest.raises(TargetError, match="no boot loader answers") as caught:
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
    assert "hold BOOT0 high and reset the board" in str(caught.value)


def test_no_such_port(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no such port"):
        flashers.flash(job(tmp_path, "/dev/ttyNONE9"), "stm32_uart")


def test_a_port_without_parity(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no parity"):
        flashers.flash(job(tmp_path, "socket://127.0.0.1:9"), "stm32_uart")


@pytest.mark.parametrize("commands", [3, 6, 12, 30])
def test_an_interrupted_flash_says_how_to_recover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: int
) -> None:
    monkeypatch.setattr("host_tools.flashers.stm32_uart.ANSWER_TIMEOUT_S", 0.1)
    with boot_loader(breaks_after=commands) as chip, pytest.raises(FailedError) as caught:
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
    assert "the board may be without firmware now" in str(caught.value)
    assert caught.value.fix
    assert "hold BOOT0 high, reset the board, and repeat" in caught.value.fix


def test_what_reads_back_otherwise_is_told(tmp_path: Path) -> None:
    with boot_loader(corrupts=BASE + 300) as chip, pytest.raises(FailedError, match="reads back as something else"):
        flashers.flash(job(tmp_path, chip.port), "stm32_uart")
    assert GO not in chip.commands
