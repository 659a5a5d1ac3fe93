"""A board behind a serial port: a device path, or any URL that pyserial knows."""

import errno
import os
import termios
from urllib.parse import urlsplit

import serial
from serial.serialutil import SerialTimeoutException

from host_tools.errors import TargetError, UsageError
from host_tools.link import WRITE_TIMEOUT_S, LinkClosedError

BAUD = 115_200


class SerialLink:
    """A link over an open pyserial port."""

    def __init__(self, port: serial.Serial, name: str) -> None:
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

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except SerialTimeoutException as error:
            raise TargetError(f"{self._name}: the target took nothing for {WRITE_TIMEOUT_S:g} s") from error
        except (OSError, termios.error) as error:
            raise self._gone(error) from error

    def close(self) -> None:
        self._port.close()

    def _gone(self, error: Exception) -> LinkClosedError:
        return LinkClosedError(f"{self._name}: the device is gone: {error}", fix="plug it in again")


class SerialTarget:
    """A board that somebody else powers; only its console is reachable."""

    def __init__(self, port: str, baud: int = BAUD) -> None:
        """Opens `port` for itself alone. TargetError when it is absent or in use, UsageError when it is no port."""
        self.name = port
        self.console = SerialLink(_open(port, baud), port)

    def uart(self, name: str) -> SerialLink:
        raise UsageError(f"{self.name}: only the console is connected, not {name}")

    def ended(self) -> str | None:
        return None

    def close(self) -> None:
        self.console.close()

    def __enter__(self) -> "SerialTarget":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _open(port: str, baud: int) -> serial.Serial:
    try:
        _check_address(port)
        found = serial.serial_for_url(port, do_not_open=True, baudrate=baud, write_timeout=WRITE_TIMEOUT_S)
        if "://" not in port:
            found.exclusive = True
        found.open()
    except ValueError as error:
        fix = "give a device path or a pyserial URL, as socket://host:port"
        raise UsageError(f"{port}: {error}", fix=fix) from error
    except (OSError, termios.error) as error:
        raise _explain(port, error) from error
    return found


def _check_address(port: str) -> None:
    """ValueError for a URL that lacks its host or port: pyserial's own message for it says something else."""
    parts = urlsplit(port)
    if parts.scheme in ("socket", "rfc2217") and not (parts.hostname and parts.port):
        raise ValueError("the host or its port is missing")


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
