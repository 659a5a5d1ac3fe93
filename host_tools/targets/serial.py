"""A board behind a port: a device path, a server's address, or any other URL that pyserial knows."""

import errno
import os
import socket
import termios
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from host_tools.errors import TargetError, UsageError
from host_tools.link import WRITE_TIMEOUT_S, Link, LinkClosedError, Setting, SocketLink, took_nothing

if TYPE_CHECKING:
    import serial

BAUD = 115_200
CONNECT_TIMEOUT_S = 5.0
ATTRIBUTES = {
    Setting.BAUD: "baudrate",
    Setting.BITS: "bytesize",
    Setting.PARITY: "parity",
    Setting.STOP: "stopbits",
    Setting.BREAK: "break_condition",
    Setting.DTR: "dtr",
    Setting.RTS: "rts",
}
"""What pyserial calls them."""

VALUES: dict[Setting, dict[int, object]] = {
    Setting.PARITY: dict(enumerate("NOEMS", 1)),
    Setting.STOP: {1: 1, 2: 2, 3: 1.5},
}
"""The values that pyserial has in place of our numbers."""


class SerialLink:
    """A link over an open pyserial port."""

    def __init__(self, port: "serial.Serial", name: str) -> None:
        self._port = port
        self._name = name

    def read(self, size: int, timeout_s: float) -> bytes:
        try:
            self._port.timeout = timeout_s
            data = bytes(self._port.read(1))
            waiting = self._port.in_waiting if data else 0
            return data + bytes(self._port.read(min(waiting, size - 1))) if waiting else data
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        from serial.serialutil import SerialTimeoutException

        try:
            if self._port.write_timeout != timeout_s:
                self._port.write_timeout = timeout_s
            self._port.write(data)
        except SerialTimeoutException as error:
            raise took_nothing(self._name, timeout_s) from error
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def configure(self, setting: Setting, value: int) -> int:
        """As `Line` says. A device without modem lines, as a pseudo-terminal is, keeps them as they are."""
        name, values = ATTRIBUTES[setting], VALUES.get(setting, {})
        try:
            setattr(self._port, name, values.get(value, value))
        except ValueError:
            pass
        except (OSError, termios.error) as error:
            if error.args[0] not in (errno.ENOTTY, errno.EINVAL):
                raise self._gone(error) from error
        now = getattr(self._port, name)
        return next((number for number, known in values.items() if known == now), 0 if values else int(now))

    def close(self) -> None:
        self._port.close()

    def fileno(self) -> int:
        """What to wait for it with. OSError where pyserial has nothing, as for loop://."""
        return self._port.fileno()

    def _gone(self, error: Exception) -> LinkClosedError:
        return LinkClosedError(f"{self._name}: the device is gone: {error}", fix="plug it in again")


class SerialTarget:
    """A board that somebody else powers; only its console is reachable."""

    def __init__(self, port: str, baud: int = BAUD) -> None:
        """Opens `port` for itself alone. TargetError when it is absent or in use, UsageError when it is no port."""
        self.name = port
        self.console = open_link(port, baud)

    def uart(self, name: str) -> Link:
        raise UsageError(f"{self.name}: only the console is connected, not {name}")

    def ended(self) -> str | None:
        return None

    def close(self) -> None:
        self.console.close()

    def __enter__(self) -> "SerialTarget":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_link(port: str, baud: int = BAUD) -> Link:
    """The bytes of `port`, a `Line` but for `socket://`. TargetError and UsageError as for SerialTarget."""
    if port.startswith("labgrid:"):
        from host_tools.targets.labgrid import open_place

        return open_place(port)
    scheme, found, _ = port.partition("://")
    if found and scheme in ("socket", "rfc2217"):
        return _connect(port, scheme, baud)
    return open_device(port, baud)


def _connect(port: str, scheme: str, baud: int) -> Link:
    try:
        parts = urlsplit(port)
        host, number = parts.hostname, parts.port
        if not (host and number):
            raise ValueError("the host or its port is missing")
        connected = socket.create_connection((host, number), timeout=CONNECT_TIMEOUT_S)
    except ValueError as error:
        raise _no_address(port, error) from error
    except OSError as error:
        cause = f"no answer within {CONNECT_TIMEOUT_S:g} s" if isinstance(error, TimeoutError) else error
        message = f"{port}: cannot be opened: {cause}"
        raise TargetError(message, fix="check that the board or its server is running") from error
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    try:
        if scheme == "socket":
            return SocketLink(connected, port)
        from host_tools.targets.rfc2217 import Rfc2217Link

        return Rfc2217Link(connected, port, baud)
    except BaseException:
        connected.close()
        raise


def open_device(port: str, baud: int = BAUD) -> SerialLink:
    """A device of this machine, for this process alone, or a URL of pyserial's own."""
    import serial

    try:
        found = serial.serial_for_url(port, do_not_open=True, baudrate=baud, write_timeout=WRITE_TIMEOUT_S)
        if "://" not in port:
            found.exclusive = True
        found.open()
    except ValueError as error:
        raise _no_address(port, error) from error
    except (OSError, termios.error) as error:
        raise _explain(port, error) from error
    return SerialLink(found, port)


def _no_address(port: str, error: ValueError) -> UsageError:
    return UsageError(f"{port}: {error}", fix="give a device path or a pyserial URL, as socket://host:port")


def _explain(port: str, error: Exception) -> TargetError | UsageError:
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        return TargetError(f"{port}: there is no such port", fix="plug the board in, or see /dev/serial/by-id")
    if number == errno.EACCES:
        return TargetError(f"{port}: this user may not open it", fix="add the user to the group dialout, log in again")
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in str(error):
        return TargetError(f"{port}: another program has it open", fix=f"close that program; `fuser {port}` names it")
    if number == errno.EISDIR or os.strerror(errno.ENOTTY) in str(error):
        return UsageError(f"{port}: this is no serial port", fix="boards are listed in /dev/serial/by-id")
    cause = str(error).replace(f"Could not open port {port}: ", "")
    return TargetError(f"{port}: cannot be opened: {cause}", fix="check that the board or its server is running")
