"""A server of RFC 2217 that nobody here wrote: pyserial's `PortManager`, between a socket and a port of pyserial's."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import serial
from serial.rfc2217 import PortManager

POLL_S = 0.002


class Connection:
    """What PortManager writes to."""

    def __init__(self, connected: socket.socket) -> None:
        self.write = connected.sendall


class Pty(serial.Serial):
    """A pseudo-terminal as a port with modem lines, all off: PortManager asks for them."""

    cts = dsr = ri = cd = False

    def _update_dtr_state(self) -> None:
        """Nothing to switch."""

    _update_rts_state = _update_dtr_state


@contextmanager
def pyserial_server(port: serial.Serial) -> Iterator[str]:
    """Offers an open port to one client after the other; its URL."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(server, port, ended))
        thread.start()
        try:
            yield f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(10)


def _serve(server: socket.socket, port: serial.Serial, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            connected, _ = server.accept()
        except TimeoutError:
            continue
        with connected:
            _pass_on(connected, port, ended)


def _pass_on(connected: socket.socket, port: serial.Serial, ended: threading.Event) -> None:
    connected.settimeout(POLL_S)
    manager = PortManager(port, Connection(connected))
    checked = time.monotonic()
    while not ended.is_set():
        try:
            data = connected.recv(4096)
            if not data:
                return
            port.write(b"".join(manager.filter(data)))
        except TimeoutError:
            pass
        except OSError:
            return
        if port.in_waiting:
            connected.sendall(b"".join(manager.escape(port.read(port.in_waiting))))
        if time.monotonic() - checked > 0.05:
            checked = time.monotonic()
            manager.check_modem_lines()
