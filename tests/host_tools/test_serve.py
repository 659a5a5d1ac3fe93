"""`corten serve`: a board over the network, for our client and for pyserial's."""

import json
import os
import signal
import socket
import subprocess
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.link import LinkClosedError, Setting, read_until
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.rfc2217 import Rfc2217Link
from host_tools.targets.serial import open_link
from tests.host_tools.commands import Corten, end
from tests.host_tools.commands import read_until as printed_until
from tests.host_tools.rfc2217_server import pyserial_server

Serve = Callable[..., tuple[str, subprocess.Popen[bytes]]]


@pytest.fixture
def serve(corten: Corten) -> Iterator[Serve]:
    """Starts `corten serve` at a free port; its URL and the process."""

    def start(*arguments: str) -> tuple[str, subprocess.Popen[bytes]]:
        process = corten.start("serve", "--listen", "127.0.0.1:0", "--json", *arguments)
        return json.loads(printed_until(process, b"}\n"))["url"], process

    return start


@pytest.fixture
def port(image: Image) -> Iterator[str]:
    """The device of an emulated board."""
    with PtyEmulator(image) as emulator:
        yield emulator.port


@pytest.mark.parametrize("options", [[], ["--raw"]])
def test_a_board_at_a_port(corten: Corten, serve: Serve, port: str, options: list[str]) -> None:
    url, process = serve("--port", port, *options)
    assert url.startswith("socket://" if options else "rfc2217://")
    for _ in range(3):
        ended = corten("exec", "print(6 * 7)", "--port", url)
        assert (ended.status, ended.out, ended.err) == (0, "42\r\n", "")
    ended = end(process, signal.SIGINT)
    assert (ended.status, ended.err.splitlines()[-1]) == (0, f"corten: {port} is no longer served")


def test_the_board_in_the_background(corten: Corten, serve: Serve) -> None:
    assert corten("run", "--detach", corten.write("app.py", "")).status == 0
    url, process = serve()
    assert corten("exec", "print(6 * 7)", "--port", url).out == "42\r\n"
    assert corten("stop").status == 0
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err


def test_pyserials_client(serve: Serve) -> None:
    url, _ = serve("--port", "loop://")
    data = bytes(range(256)) * 20 + b"\xff" * 50
    with serial.serial_for_url(url, 9600, timeout=30) as client:
        client.write(data)
        assert client.read(len(data)) == data
        client.baudrate, client.bytesize, client.parity, client.stopbits = 1200, 7, "E", 2
        client.dtr, client.rts, client.break_condition = False, False, True
        client.write(b"still there")
        assert client.read(11) == b"still there"


def test_settings_reach_a_port_through_two_servers(serve: Serve) -> None:
    """The touch that makes some boards enter their boot loader: 1200 baud, then DTR and RTS off."""
    with serial.serial_for_url("loop://", timeout=0) as loop, pyserial_server(loop) as behind:
        url, _ = serve("--port", behind)
        link = open_link(url)
        assert isinstance(link, Rfc2217Link)
        assert (loop.baudrate, loop.dtr, loop.rts) == (115_200, True, True)
        wanted = {Setting.BAUD: 1200, Setting.PARITY: 2, Setting.BREAK: 1, Setting.DTR: 0, Setting.RTS: 0}
        assert {setting: link.configure(setting, value) for setting, value in wanted.items()} == wanted
        assert (loop.baudrate, loop.parity, loop.break_condition) == (1200, "O", True)
        assert (loop.dtr, loop.rts) == (False, False)
        link.close()


def test_what_cannot_be_set_is_told(serve: Serve) -> None:
    url, _ = serve("--port", "loop://")
    link = open_link(url)
    assert isinstance(link, Rfc2217Link)
    assert link.configure(Setting.BITS, 9) == 8
    link.close()


class Device:
    """A path that is a serial device, or not: as one that is unplugged and plugged in again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master: int | None = None

    def appear(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.path.symlink_to(os.ttyname(slave))
        self._slave = slave

    def vanish(self) -> None:
        if self.master is not None:
            self.path.unlink()
            os.close(self.master)
            os.close(self._slave)
            self.master = None


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    made = Device(tmp_path / "ttyACM0")
    made.appear()
    yield made
    made.vanish()


def test_the_baud_rate_reaches_a_device(serve: Serve, device: Device) -> None:
    assert device.master is not None
    url, _ = serve("--port", str(device.path))
    link = open_link(url)
    assert isinstance(link, Rfc2217Link)
    assert link.configure(Setting.BAUD, 1200) == 1200
    assert termios.tcgetattr(device.master)[4:6] == [termios.B1200, termios.B1200]
    link.write(b"hello")
    assert os.read(device.master, 100) == b"hello"
    link.close()


def test_a_device_that_vanishes_and_comes_back(serve: Serve, device: Device) -> None:
    url, process = serve("--port", str(device.path))
    link = open_link(url)
    device.vanish()
    told = read_until(link, b"]", 30).decode()
    assert f"[corten serve: {device.path}: the device is gone" in told
    with pytest.raises(LinkClosedError):
        link.read(100, 30)
    with pytest.raises(TargetError, match=r"the server refused: .*there is no such port"):
        open_link(url)
    device.appear()
    assert device.master is not None
    link = open_link(url)
    link.write(b"hello")
    assert os.read(device.master, 100) == b"hello"
    link.close()
    assert "has the board" in end(process, signal.SIGINT).err


def test_a_second_client_is_refused_with_words(corten: Corten, serve: Serve, device: Device) -> None:
    url, _ = serve("--port", str(device.path))
    first = open_link(url)
    ended = corten("exec", "1", "--port", url)
    assert ended.status == 3
    assert ended.error.startswith(f"corten: {url}: the server refused: [corten serve: 127.0.0.1:")
    assert "uses the board]" in ended.error
    first.write(b"mine")
    assert device.master is not None
    assert os.read(device.master, 100) == b"mine"
    first.close()


def test_a_second_client_of_plain_bytes_is_refused_with_words(corten: Corten, serve: Serve, device: Device) -> None:
    url, _ = serve("--raw", "--port", str(device.path))
    first = open_link(url)
    ended = corten("exec", "1", "--port", url)
    assert ended.status == 3
    assert ended.error.startswith(
        f"corten: {url}: the server closed the connection; its last words: [corten serve: 127"
    )
    first.close()


def test_a_client_that_vanishes_frees_the_port(corten: Corten, serve: Serve, port: str) -> None:
    url, _ = serve("--port", port)
    process = corten.start("exec", "print('started')\nwhile True: pass", "--port", url)
    printed_until(process, b"started")
    process.kill()
    process.wait()
    assert corten("exec", "print(1)", "--port", url).out == "1\r\n"
    assert corten("exec", "print(2)", "--port", port).out == "2\r\n"


def test_it_says_what_to_type_elsewhere(corten: Corten, device: Device) -> None:
    process = corten.start("serve", "--listen", "127.0.0.1:0", "--port", str(device.path))
    lines = printed_until(process, b"repl --port rfc2217://127.0.0.1:").decode().splitlines()
    assert lines[0].startswith(f"{device.path} is served at rfc2217://127.0.0.1:")
    assert "ssh -N -L " in lines[1]
    assert end(process, signal.SIGINT).err == f"corten: {device.path} is no longer served\n"


def test_it_warns_beyond_loopback(corten: Corten, device: Device) -> None:
    process = corten.start("serve", "--listen", "0.0.0.0:0", "--port", str(device.path))
    printed_until(process, f"repl --port rfc2217://{socket.gethostname()}:".encode())
    ended = end(process, signal.SIGTERM)
    assert "has the board, without a password" in ended.err
    assert "safer: corten serve --listen 127.0.0.1:" in ended.err


def test_where_it_cannot_listen(corten: Corten, device: Device) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        ended = corten("serve", "--listen", taken, "--port", str(device.path))
    assert ended.status == 2
    assert ended.error.startswith(
        f"corten: {taken}: cannot listen there: Address already in use\n  fix: end the program"
    )
    ended = corten("serve", "--listen", "2217")
    assert (ended.status, ended.error.splitlines()[0]) == (2, "corten: 2217: this is no address to listen at")


def test_a_port_that_is_absent(corten: Corten) -> None:
    ended = corten("serve", "--listen", "127.0.0.1:0", "--port", "/dev/ttyACM99")
    assert ended.status == 3
    assert "there is no such port" in ended.error
