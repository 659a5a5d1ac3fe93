"""Into the boot loader and back: the 1200-baud sign on the line, and a board that says which image it runs."""

import pytest
import serial

from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.flashers import reboot
from host_tools.link import read_until
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import open_link
from tests.host_tools.rfc2217_server import pyserial_server


def test_a_port_without_micropython_gets_the_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reboot, "ENTER_TIMEOUT_S", 0.2)
    with serial.serial_for_url("loop://", timeout=0, baudrate=115_200) as line, pyserial_server(line) as port:
        reboot.into_boot_loader(port)
        assert (line.baudrate, line.dtr) == (1200, False)


def test_a_board_says_which_image_it_runs_and_its_app_starts_again(image: Image) -> None:
    with PtyEmulator(image) as board:
        build = reboot.await_build(board.port)
        link = open_link(board.port)
        read_until(link, b"soft reboot", 10)
        link.close()
    assert build.startswith("corten:mps2_an385:")
    assert build.encode() in image.elf.read_bytes()


def test_nobody_comes_back() -> None:
    with pytest.raises(TargetError, match=r"no MicroPython answers at /dev/ttyNONE9 within 0\.3 s: .*no such port"):
        reboot.await_build("/dev/ttyNONE9", 0.3)
