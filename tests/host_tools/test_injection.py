"""Interrupts that the host drives in the emulator."""

import socket
from collections.abc import Iterator

import pytest

from host_tools.boards import QemuEmulator, load_all, load_board
from host_tools.build import Image, build
from host_tools.errors import TargetError
from host_tools.raw_repl import RawRepl
from host_tools.targets.qemu import EXACT, QemuTarget
from host_tools.targets.qtest import READ_BYTES, Qtest, pulse, store

COUNT = """
import board
from corten.irq import Interrupt
from corten.native import count, native
line = Interrupt({number})
handler = native(count)
line.bind(handler)
line.enable()
"""
PULSES = 1000


def ask(repl: RawRepl, program: str) -> str:
    output, trace = repl.execute(program, 10)
    assert not trace, trace.decode()
    return output.decode().strip()


@pytest.fixture(params=[board.name for board in load_all() if isinstance(board.emulator, QemuEmulator)])
def running(request: pytest.FixtureRequest, built: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[QemuTarget]:
    """Each of the emulated boards in turn, at its prompt."""
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    with QemuTarget(build(load_board(request.param), None, print), icount=EXACT, qtest=True) as target:
        yield target


def test_each_pulse_of_a_line_is_one_interrupt(running: QemuTarget) -> None:
    board = load_board(running.name)
    assert isinstance(board.emulator, QemuEmulator)
    assert board.emulator.nvic
    line = board.chip.core.irq_count - 1
    repl = RawRepl(running.console)
    repl.enter_after_boot()
    ask(repl, COUNT.format(number=line))
    address = int(ask(repl, "print(handler.word_address(0))"))
    for number in range(PULSES):
        running.qtest.pulse(board.emulator.nvic, line)
        while running.qtest.read_word(address) <= number:
            pass
    assert ask(repl, "print(handler.words[0])") == str(PULSES)


EDGES = """
import board
from corten.hard import hard
from corten.irq import Interrupt
edges = board.EXTI.open(board.SYSCFG.open())
count = 0
def counted():
    global count
    count += 1
    edges.acknowledge({pin})
line = Interrupt("EXTI15_10")
line.bind(hard(counted))
line.enable()
edges.watch("C", {pin}, rising={rising}, falling={falling})
"""
BUTTON = 13
PORT_C = "/machine/soc/gpioc"


@pytest.mark.parametrize(("rising", "falling"), [(True, False), (False, True), (True, True)])
def test_each_edge_of_a_pin_is_one_interrupt(
    built: object, monkeypatch: pytest.MonkeyPatch, rising: bool, falling: bool
) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(built))
    with QemuTarget(build(load_board("b_l475e_iot01a"), None, print), icount=EXACT, qtest=True) as target:
        repl = RawRepl(target.console)
        repl.enter_after_boot()
        ask(repl, EDGES.format(pin=BUTTON, rising=rising, falling=falling))
        target.qtest.pulse(PORT_C, BUTTON)  # the emulator's pin has a level from now on: see the driver
        before = int(ask(repl, "print(count)"))
        for number in range(100):
            for high in (True, False):
                target.qtest.set_level(PORT_C, BUTTON, high)
                expected = before + (number + (not high)) * (rising + falling) + (rising and high)
                assert ask(repl, "print(count)") == str(expected)
        assert ask(repl, "print(line.handler.errors)") == "0"


def test_a_word_is_written_and_read(running: QemuTarget) -> None:
    board = load_board(running.name)
    if "filesystem" in board.not_emulated:
        pytest.skip(board.not_emulated["filesystem"])
    base = board.filesystem_base
    running.qtest.write_word(base, 0x1234_5678)
    assert running.qtest.read_word(base) == 0x1234_5678


def test_a_line_that_does_not_exist_ends_the_emulator(image: Image) -> None:
    with QemuTarget(image, qtest=True) as target, pytest.raises(TargetError, match="the line in range"):
        target.qtest.pulse("/machine/armv7m", 32)


def test_a_device_that_does_not_exist(image: Image) -> None:
    with QemuTarget(image, qtest=True) as target, pytest.raises(TargetError, match="qtest command"):
        target.qtest.pulse("/machine/nothing", 0)


def test_commands_of_one_moment_have_to_fit(image: Image) -> None:
    with QemuTarget(image, qtest=True) as target, pytest.raises(ValueError, match=f"one portion of {READ_BYTES}"):
        target.qtest.play([pulse("/machine/armv7m", 31) * 20])


def test_every_command_is_sent_and_every_answer_taken() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(b"OK\n" * 100)
    Qtest(ours).play(store(0x2000_0000, 1) for _ in range(100))
    assert theirs.recv(1 << 20).count(b"\n") == 100
    for end in (ours, theirs):
        end.close()
