"""`corten test` at several ports: who runs what, and what becomes of the tests when a port is lost."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from host_tools.boards import load_board
from host_tools.build import Image, build
from host_tools.errors import UsageError
from host_tools.targets.pty import PtyEmulator
from host_tools.testing.ports import Port, read_ports
from tests.host_tools.commands import Corten

CONFIGURATION = '[tool.pytest.ini_options]\ncorten_target_tests = "tests/target"\n'
FAULT = "import machine\nmachine.mem32[0xF000_0000]\n"
"""The emulator ends at a fault, and its pseudo-terminal with it: to the host that is a device that is unplugged."""


@pytest.fixture
def ports(image: Image) -> Iterator[list[str]]:
    """The devices of two emulated boards of one kind."""
    with ExitStack() as stack:
        yield [stack.enter_context(PtyEmulator(image)).port for _ in range(2)]


@pytest.fixture
def project(corten: Corten) -> Corten:
    corten.write("pyproject.toml", CONFIGURATION)
    for number in range(6):
        corten.write(f"tests/target/t{number}.py", "import time\ntime.sleep_ms(300)\n")
    return corten


def test_boards_of_ports() -> None:
    assert read_ports(["/dev/a", "rfc2217://h:1?timeout=3"], ["x"]) == [
        Port("x", "/dev/a"),
        Port("x", "rfc2217://h:1?timeout=3"),
    ]
    assert read_ports(["y=/dev/a", "/dev/serial/by-id/usb=1", "z1=socket://h:1"], ["x"]) == [
        Port("y", "/dev/a"),
        Port("x", "/dev/serial/by-id/usb=1"),
        Port("z1", "socket://h:1"),
    ]


@pytest.mark.parametrize(
    ("given", "boards", "cause"),
    [
        (["/dev/a"], [], "which board is at /dev/a"),
        (["x=/dev/b", "/dev/a"], [], "which board is at /dev/a"),
        (["/dev/a"], ["x", "y"], "which board is at /dev/a"),
        (["/dev/a", "/dev/a"], ["x"], "/dev/a is given 2 times"),
    ],
)
def test_ports_that_cannot_be(given: list[str], boards: list[str], cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        read_ports(given, boards)


def test_two_ports_share_the_tests(project: Corten, ports: list[str]) -> None:
    ended = project("test", "--json", "--board", "mps2_an385", *(f"--port={port}" for port in ports))
    assert ended.status == 0, ended.err
    report = json.loads(ended.out)
    assert report["passed"] == 6
    assert {row["port"] for row in report["tests"]} == set(ports)
    assert all(row["seconds"] >= 0.3 for row in report["tests"])


def test_ports_of_different_boards(project: Corten, ports: list[str]) -> None:
    other = build(load_board("netduinoplus2"), None, print)
    with PtyEmulator(other) as emulator:
        ended = project("test", "-v", f"--port=mps2_an385={ports[0]}", f"--port=netduinoplus2={emulator.port}")
    assert ended.status == 0, ended.out
    for number in range(6):
        assert f"t{number}.py::mps2_an385 PASSED at {ports[0]}" in ended.out
        assert f"t{number}.py::netduinoplus2 PASSED at {emulator.port}" in ended.out


def test_a_port_that_dies_costs_one_test(project: Corten, ports: list[str]) -> None:
    project.write("tests/target/t2.py", FAULT)
    ended = project("test", "--board", "mps2_an385", *(f"--port={port}" for port in ports))
    assert ended.status == 1
    assert "1 failed, 5 passed" in ended.out
    dead = next(port for port in ports if f"t2.py on mps2_an385 at {port}: device gone" in ended.out)
    assert f"at {dead}; then it was lost: {dead}: there is no such port" in ended.out


def test_without_ports_the_rest_fails_at_once(project: Corten, ports: list[str]) -> None:
    project.write("tests/target/t0.py", FAULT)
    project.write("tests/target/t1.py", FAULT)
    ended = project("test", "--board", "mps2_an385", *(f"--port={port}" for port in ports))
    assert ended.status == 1
    assert "no port with a mps2_an385 is left: /dev/pts/" in ended.out
    assert "6 failed" in ended.out


def test_a_board_that_is_stuck_is_not_asked_again(project: Corten, ports: list[str]) -> None:
    project.write(
        "tests/target/t1.py", "# timeout: 1\nimport micropython\nmicropython.kbd_intr(-1)\nwhile True: pass\n"
    )
    ended = project("test", "--board", "mps2_an385", *(f"--port={port}" for port in ports))
    assert ended.status == 1
    assert "1 failed, 5 passed" in ended.out
    assert "hang: no end within 1 s" in ended.out
    assert "; then it was lost: the target shows no raw REPL prompt within" in ended.out


def test_several_processes_of_pytest_are_refused(project: Corten, ports: list[str]) -> None:
    ended = project("test", "--board", "mps2_an385", "--port", ports[0], "-n", "2")
    assert ended.status == 2
    assert "leave -n away" in ended.err
