"""An emulated board as a target."""

import os
import signal
from dataclasses import replace

import pytest

from host_tools.build import Image
from host_tools.errors import TargetError, UsageError
from host_tools.link import LinkClosedError, read_until
from host_tools.raw_repl import FRIENDLY_PROMPT
from host_tools.targets.qemu import QemuTarget
from tests.host_tools.commands import eventually, is_running

LED_REGISTER = 0x4002_8000  # AN385, table 4-7: FPGAIO


def test_it_boots_to_the_prompt(image: Image) -> None:
    with QemuTarget(image) as target:
        assert b"Arm MPS2 with AN385" in read_until(target.console, FRIENDLY_PROMPT, 10)


def test_uarts_are_named_as_on_the_chip(image: Image) -> None:
    with QemuTarget(image) as target:
        assert target.uart("UART0") is target.console
        assert target.uart("UART1") is not target.console


def test_uart_that_is_not_connected(image: Image) -> None:
    with QemuTarget(image) as target, pytest.raises(UsageError, match="connects UART0, UART1, not UART2"):
        target.uart("UART2")


def test_close_ends_the_emulator_and_can_be_repeated(image: Image) -> None:
    target = QemuTarget(image, monitor=True)
    pid = target.pid
    target.close()
    target.close()
    assert not is_running(pid)


def test_emulator_that_was_killed(image: Image) -> None:
    with QemuTarget(image) as target:
        read_until(target.console, FRIENDLY_PROMPT, 10)
        os.kill(target.pid, signal.SIGKILL)
        with pytest.raises(LinkClosedError):
            target.console.read(1, 10)
        eventually(target.ended, "the emulator has ended")
        assert target.ended() == "the emulator was killed by SIGKILL"


def test_running_one_has_not_ended(image: Image) -> None:
    with QemuTarget(image) as target:
        assert (target.ended(), target.status(0)) == (None, None)


def test_emulator_that_cannot_start_says_why(image: Image) -> None:
    with QemuTarget(image, options=["-device", "no-such-device"]) as target:
        eventually(target.ended, "the emulator has ended")
        ended = target.ended()
    assert ended == "the emulator ended: -device no-such-device: 'no-such-device' is not a valid device model name"


def test_monitor_of_an_emulator_that_cannot_start(image: Image) -> None:
    with pytest.raises(TargetError, match="the emulator's monitor does not answer"):
        QemuTarget(image, options=["-device", "no-such-device"], monitor=True)


def test_board_without_an_emulator(image: Image) -> None:
    bare = replace(image, board=image.board.model_copy(update={"emulator": None}))
    with pytest.raises(UsageError, match="mps2_an385 has no emulator"):
        QemuTarget(bare)


def test_monitor_reads_a_register(image: Image) -> None:
    with QemuTarget(image, monitor=True) as target:
        assert target.monitor.read_word(LED_REGISTER) == 0


def test_monitor_of_an_emulator_that_was_killed(image: Image) -> None:
    with QemuTarget(image, monitor=True) as target:
        os.kill(target.pid, signal.SIGKILL)
        eventually(target.ended, "the emulator has ended")
        with pytest.raises(TargetError, match="the emulator's monitor does not answer"):
            target.monitor.read_word(LED_REGISTER)


def test_monitor_refuses_an_address_that_cannot_be_read(image: Image) -> None:
    with QemuTarget(image, monitor=True) as target, pytest.raises(TargetError, match="cannot read 0xf0000000"):
        target.monitor.read_word(0xF000_0000)
