"""nRF51's pins as QEMU models them: the driver runs here, its loads and stores are those of the emulated micro:bit.

The micro:bit itself cannot hold the driver: boards/README.md has the figures. QEMU has no GPIOTE, so no edges.
"""

import socket
import subprocess

import pytest

from corten.drivers.gpio_nrf51 import Port
from host_tools.boards import load_chip
from host_tools.targets.child import dies_with_us
from host_tools.targets.qtest import Qtest
from host_tools.targets.version import PROGRAM

INPUTS = "/machine/nrf51"  # the chip passes those of its GPIO on
PIN = 3


class Bus:
    """The emulator's memory, for a `Block` in place of machine.mem32."""

    def __init__(self, qtest):
        self._qtest = qtest
        self.mem32 = self

    def __getitem__(self, address):
        return self._qtest.read_word(address)

    def __setitem__(self, address, value):
        self._qtest.write_word(address, value)


@pytest.fixture(scope="module")
def qtest():
    ours, theirs = socket.socketpair()
    command = [PROGRAM, "-machine", "microbit", "-accel", "tcg", "-S", "-display", "none", "-nodefaults"]
    command += ["-chardev", f"socket,id=qtest,fd={theirs.fileno()}", "-qtest", "chardev:qtest", "-qtest-log", "none"]
    process = subprocess.Popen([*dies_with_us(), *command], pass_fds=[theirs.fileno()])
    theirs.close()
    connected = Qtest(ours)
    yield connected
    connected.close()
    process.kill()
    process.wait(10)


@pytest.fixture
def port(qtest):
    chip = load_chip("nrf51").peripherals
    made = Port(chip["GPIO"].base, {"edges": chip["GPIOTE"].base}, Bus(qtest))
    found = made.found(PIN)
    yield made
    made.restore(PIN, found)
    assert made.found(PIN) == found


def level(port):
    return port.registers.IN.read() >> PIN & 1


@pytest.mark.parametrize(("pull", "expected"), [("up", 1), ("down", 0)])
def test_a_pull_moves_an_input_that_nothing_drives(port, pull, expected):
    port.configure(PIN, "input", pull=pull)
    assert level(port) == expected


@pytest.mark.parametrize("speed", ["low", "medium", "high", "highest"])
def test_an_output_is_what_was_stored(port, speed):
    for initial in (1, 0):
        port.configure(PIN, "output", initial=initial, speed=speed)
        assert level(port) == initial
    registers = port.registers
    registers.OUTSET.write(1 << PIN)
    assert level(port) == 1
    registers.OUTCLR.write(1 << PIN)
    assert level(port) == 0


@pytest.mark.parametrize(("pull", "let_go"), [("up", 1), ("down", 0)])
def test_a_1_lets_go_of_an_open_drain(port, pull, let_go):
    port.configure(PIN, "output", initial=0, open_drain=True, pull=pull)
    assert level(port) == 0
    port.registers.OUTSET.write(1 << PIN)
    assert level(port) == let_go


def test_an_input_follows_what_drives_it_until_it_is_analog(qtest, port):
    port.configure(PIN, "input")
    for driven in (1, 0, 1):
        qtest.set_level(INPUTS, PIN, bool(driven))
        assert level(port) == driven
    port.configure(PIN, "analog")
    qtest.set_level(INPUTS, PIN, False)
    port.configure(PIN, "input", pull="up")
    assert level(port) == 0
