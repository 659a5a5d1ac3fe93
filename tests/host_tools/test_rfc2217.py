"""Our client of RFC 2217 against pyserial's server: the bytes, the settings of the line, and servers that are none."""

import os
import socket
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import serial

from host_tools.build import Image
from host_tools.errors import TargetError
from host_tools.link import Line, LinkClosedError, Setting, read_until
from host_tools.targets import rfc2217
from host_tools.targets.pty import PtyEmulator
from host_tools.targets.serial import open_link
from tests.host_tools.commands import Corten
from tests.host_tools.rfc2217_server import Pty, pyserial_server


@pytest.fixture
def loop() -> Iterator[serial.Serial]:
    """A port that sends back what it is sent; its CTS follows RTS, its DSR follows DTR."""
    with serial.serial_for_url("loop://", timeout=0) as port:
        yield port


def opened(url: str, baud: int = 115_200) -> Line:
    link = open_link(url, baud)
    assert hasattr(link, "configure")
    return link  # type: ignore[return-value]


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does what `answer` does with its one client."""

    def serve() -> None:
        connected, _ = server.accept()
        with connected:
            answer(connected)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


def test_every_byte_passes_both_ways(loop: serial.Serial) -> None:
    data = bytes(range(256)) * 20 + b"\xff" * 50
    with pyserial_server(loop) as url:
        link = opened(url)
        link.write(data + b"the end")
        assert read_until(link, b"the end", 30) == data + b"the end"
        link.close()


def test_opening_sets_the_line(loop: serial.Serial) -> None:
    loop.dtr = loop.rts = False
    with pyserial_server(loop) as url:
        link = opened(url, 9600)
        assert (loop.baudrate, loop.bytesize, loop.parity, loop.stopbits) == (9600, 8, "N", 1)
        assert (loop.dtr, loop.rts) == (True, True)
        link.close()


def test_settings_reach_the_port(loop: serial.Serial) -> None:
    with pyserial_server(loop) as url:
        link = opened(url)
        wanted = {
            Setting.BAUD: 1200, Setting.BITS: 7, Setting.PARITY: 3, Setting.STOP: 2,
            Setting.BREAK: 1, Setting.DTR: 0, Setting.RTS: 0,
        }  # fmt: skip
        assert {setting: link.configure(setting, value) for setting, value in wanted.items()} == wanted
        assert (loop.baudrate, loop.bytesize, loop.parity, loop.stopbits) == (1200, 7, "E", 2)
        assert (loop.break_condition, loop.dtr, loop.rts) == (True, False, False)
        link.close()


def test_data_that_comes_while_a_setting_is_changed_is_kept(loop: serial.Serial) -> None:
    with pyserial_server(loop) as url:
        link = opened(url)
        link.write(b"meanwhile")
        link.configure(Setting.RTS, 0)
        assert read_until(link, b"meanwhile", 30) == b"meanwhile"
        link.close()


def test_nothing_comes_in_time(loop: serial.Serial) -> None:
    with pyserial_server(loop) as url:
        link = opened(url)
        assert link.read(1, 0) == b""
        assert link.read(1, 0.01) == b""
        link.close()


def test_no_more_is_read_than_asked_for(loop: serial.Serial) -> None:
    with pyserial_server(loop) as url:
        link = opened(url)
        link.write(b"hello")
        assert (link.read(2, 5), link.read(0, 0)) == (b"he", b"")
        assert read_until(link, b"llo", 5) == b"llo"
        link.close()


def test_server_that_speaks_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rfc2217, "ANSWER_TIMEOUT_S", 0.3)
    with answering(lambda client: (client.sendall(b"login: "), client.recv(100), client.recv(100))[0]) as url:
        with pytest.raises(TargetError) as raised:
            open_link(url)
        assert raised.value.message == f"{url}: the server does not speak RFC 2217: login:"
        assert raised.value.fix == "if it passes plain bytes, use socket:// in place of rfc2217://"


def test_server_that_refuses_with_words() -> None:
    with answering(lambda client: client.sendall(b"127.0.0.1:4711 uses the board\r\n")) as url:
        with pytest.raises(TargetError) as raised:
            open_link(url)
        assert raised.value.message == f"{url}: the server refused: 127.0.0.1:4711 uses the board"


def test_server_that_hangs_up(loop: serial.Serial) -> None:
    with pyserial_server(loop) as url:
        link = opened(url)
    with pytest.raises(LinkClosedError, match="the server closed the connection"):
        link.read(1, 5)
    link.close()


def test_server_that_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It agrees to the option, and then does not answer."""
    monkeypatch.setattr(rfc2217, "ANSWER_TIMEOUT_S", 0.2)

    def agree(client: socket.socket) -> None:
        client.sendall(bytes([255, 253, 44]))
        while client.recv(100):
            pass

    with answering(agree) as url, pytest.raises(TargetError, match="the server does not set baud, bits, parity"):
        open_link(url)


def test_board_behind_a_server(corten: Corten, image: Image) -> None:
    with (
        PtyEmulator(image) as emulator,
        Pty(emulator.port, timeout=0) as port,
        pyserial_server(port) as url,
    ):
        ended = corten("exec", "print(6 * 7)", "--port", url)
        assert (ended.status, ended.out, ended.err) == (0, "42\r\n", "")
        corten.write("app.py", "print('one')\nprint('two')\n")
        ended = corten("run", "app.py", "--port", url)
        assert (ended.status, ended.out, ended.err) == (0, "one\r\ntwo\r\n", "")


def test_baud_rate_reaches_a_device() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    with Pty(os.ttyname(slave), timeout=0) as port, pyserial_server(port) as url:
        link = opened(url)
        assert link.configure(Setting.BAUD, 1200) == 1200
        assert termios.tcgetattr(master)[4:6] == [termios.B1200, termios.B1200]
        link.close()
    os.close(master)
    os.close(slave)
