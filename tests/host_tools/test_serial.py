"""Boards behind a serial port: what is wrong with the port, or with what is at the other end of it."""

import os
import tty
from collections.abc import Iterator

import pytest

from host_tools.build import Image
from host_tools.link import LinkClosedError
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import SerialTarget
from tests.host_tools.commands import Corten


@pytest.fixture
def board(image: Image) -> Iterator[str]:
    """The port of a board: an emulated one, behind a pseudo-terminal."""
    with PtyEmulator(image) as emulator:
        yield emulator.port


class Silent:
    """A port with nobody behind it."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._open = True

    def vanish(self) -> None:
        """As when the device is unplugged."""
        if self._open:
            os.close(self.master)
            os.close(self._slave)
            self._open = False


@pytest.fixture
def silent() -> Iterator[Silent]:
    device = Silent()
    yield device
    device.vanish()


def test_port_that_is_absent(corten: Corten) -> None:
    ended = corten("exec", "1", "--port", "/dev/ttyACM99")
    assert ended.status == 3
    assert ended.error == (
        "corten: /dev/ttyACM99: there is no such port\n  fix: plug the board in, or see /dev/serial/by-id"
    )


def test_port_that_another_program_has_open(corten: Corten, silent: Silent) -> None:
    with SerialTarget(silent.port):
        ended = corten("exec", "1", "--port", silent.port)
    assert ended.status == 3
    assert ended.error == (
        f"corten: {silent.port}: another program has it open\n  fix: close that program; `fuser {silent.port}` names it"
    )


@pytest.mark.parametrize(
    ("port", "cause"),
    [
        ("serial://board", "invalid URL, protocol 'serial' not known"),
        ("socket://127.0.0.1", "the host or its port is missing"),
        ("socket://:2217", "the host or its port is missing"),
        ("rfc2217://127.0.0.1:usb", "Port could not be cast to integer value as 'usb'"),
    ],
)
def test_port_that_is_no_port(corten: Corten, port: str, cause: str) -> None:
    ended = corten("exec", "1", "--port", port)
    assert ended.status == 2
    assert ended.error == (
        f"corten: {port}: {cause}\n  fix: give a device path or a pyserial URL, as socket://host:port"
    )


@pytest.mark.parametrize("path", ["/dev/null", "/etc/os-release", "/tmp"])
def test_file_that_is_no_port(corten: Corten, path: str) -> None:
    ended = corten("exec", "1", "--port", path)
    assert ended.status == 2
    assert ended.error == f"corten: {path}: this is no serial port\n  fix: boards are listed in /dev/serial/by-id"


def test_server_that_does_not_listen(corten: Corten) -> None:
    ended = corten("exec", "1", "--port", "socket://127.0.0.1:1")
    assert ended.status == 3
    assert ended.error == (
        "corten: socket://127.0.0.1:1: cannot be opened: [Errno 111] Connection refused\n"
        "  fix: check that the board or its server is running"
    )


@pytest.mark.parametrize("command", [["exec", "1"], ["run", "app.py"]])
def test_port_that_stays_silent(corten: Corten, silent: Silent, command: list[str]) -> None:
    corten.write("app.py", "")
    ended = corten(*command, "--port", silent.port, "--timeout", "0.5")
    assert ended.status == 3
    assert ended.error == (
        "corten: the target shows no raw REPL prompt within 0.5 s: it sent nothing\n"
        "  fix: check its power, that it runs MicroPython and that this is its console; reset it"
    )


def test_device_that_vanishes_in_the_middle(corten: Corten, silent: Silent) -> None:
    process = corten.start("exec", "1", "--port", silent.port)
    os.read(silent.master, 1)
    silent.vanish()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, b"")
    assert err.decode().startswith(f"corten: {silent.port}: the device is gone: ")
    assert err.decode().endswith("\n  fix: plug it in again\n")


def test_reading_from_a_device_that_vanished(silent: Silent) -> None:
    with SerialTarget(silent.port) as target:
        silent.vanish()
        with pytest.raises(LinkClosedError, match="the device is gone"):
            target.console.read(1, 5)


def test_writing_to_a_device_that_vanished(silent: Silent) -> None:
    with SerialTarget(silent.port) as target:
        silent.vanish()
        with pytest.raises(LinkClosedError, match="the device is gone"):
            target.console.write(b"x")


def test_nothing_comes_in_time(silent: Silent) -> None:
    with SerialTarget(silent.port) as target:
        assert target.console.read(1, 0.01) == b""


def test_all_that_has_come_is_read_at_once(silent: Silent) -> None:
    with SerialTarget(silent.port) as target:
        os.write(silent.master, b"hello")
        assert target.console.read(100, 5) == b"hello"


def test_no_more_is_read_than_asked_for(silent: Silent) -> None:
    with SerialTarget(silent.port) as target:
        os.write(silent.master, b"hello")
        assert (target.console.read(2, 5), target.console.read(100, 5)) == (b"he", b"llo")


def test_exec(corten: Corten, board: str) -> None:
    ended = corten("exec", "print(6 * 7)", "--port", board)
    assert (ended.status, ended.out, ended.err) == (0, "42\r\n", "")


def test_run_follows_the_app(corten: Corten, board: str) -> None:
    corten.write("app.py", "print('one')\nprint('two')\n")
    ended = corten("run", "app.py", "--port", board)
    assert (ended.status, ended.out, ended.err) == (0, "one\r\ntwo\r\n", "")


def test_run_of_an_app_that_crashes(corten: Corten, board: str) -> None:
    corten.write("app.py", "print('one')\n1 / 0\n")
    ended = corten("run", "app.py", "--port", board)
    assert (ended.status, ended.out) == (1, "one\r\n")
    assert ended.error == (
        "corten: app ended with an uncaught exception: "
        'ZeroDivisionError: divide by zero (File "<stdin>", line 2, in <module>)'
    )


def test_run_of_an_app_that_ends_with_system_exit(corten: Corten, board: str) -> None:
    """On a board that is a soft reset; the status does not come out."""
    corten.write("app.py", "import sys\nprint('bye')\nsys.exit(3)\n")
    ended = corten("run", "app.py", "--port", board)
    assert (ended.status, ended.out, ended.err) == (0, "bye\r\n", "")


def test_run_of_an_app_of_several_files(corten: Corten, board: str) -> None:
    corten.write("meter/main.py", "")
    corten.write("meter/sensor.py", "")
    ended = corten("run", "meter", "--port", board)
    assert ended.status == 2
    assert ended.error == "corten: meter has several files; --port runs one\n  fix: copy them with mpremote first"


def test_project_names_the_port(corten: Corten) -> None:
    corten.write("corten.toml", 'port = "/dev/ttyACM99"\n')
    ended = corten("exec", "1")
    assert ended.status == 3
    assert "/dev/ttyACM99: there is no such port" in ended.error


def test_board_on_the_command_line_overrides_the_projects_port(corten: Corten) -> None:
    corten.write("corten.toml", 'port = "/dev/ttyACM99"\n')
    ended = corten("exec", "print(1)", "--board", "mps2_an385")
    assert (ended.status, ended.out) == (0, "1\r\n"), ended.err


def test_request_for_the_prompt_is_repeated(corten: Corten, silent: Silent) -> None:
    """A board that was still booting has lost the first one."""
    process = corten.start("exec", "1", "--port", silent.port, "--timeout", "3")
    seen = b""
    while seen.count(b"\r\x03\x03\r\x01") < 2:
        seen += os.read(silent.master, 100)
    assert process.wait(60) == 3
