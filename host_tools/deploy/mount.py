"""A folder of the host as a board's file system: mpremote's protocol, on a Link.

Each file operation on the board becomes a question on its console, which is answered from here.
"""

import io
import struct
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from host_tools.errors import TargetError
from host_tools.lazy import without_init
from host_tools.link import CHUNK, Link
from host_tools.raw_repl import LINE_FIX, RESTARTED, RESTARTED_QUIET_S, RawRepl, RestartedError

with without_init("mpremote"):
    from mpremote.transport import TransportError  # type: ignore[import-untyped]
    from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

READ_TIMEOUT_S = 10.0
TURN_S = 0.05
FOREVER_S = 1e6
NO_QUESTION = (ValueError, LookupError, TypeError, struct.error)
"""What mpremote ends in when a question is garbled."""


def run_from(
    link: Link, folder: Path, source: str, show: Callable[[bytes], None], silence_s: float | None = None
) -> str:
    """Runs a program on the board, with `folder` as its current folder.

    Returns its traceback, empty when it ended well. What it prints is shown as it comes. TargetError when the board
    does not do it, or says nothing for `silence_s`. A Ctrl-C here stops it there as well.
    """
    repl = RawRepl(link)
    repl.enter()
    repl.soft_reset()
    transport = _Transport(_Port(link, repl.hand_over()))
    try:
        with redirect_stdout(io.StringIO()):  # mpremote prints what it did not expect
            transport.mount_local(str(folder))
            transport.exec_raw_no_follow(source)
        try:
            _, trace = transport.follow(silence_s, show)
        except KeyboardInterrupt:
            link.write(b"\x03")
            raise
        transport.exec("import os; os.umount('/remote')")
        transport.exit_raw_repl()
    except TransportError as error:
        raise TargetError(
            f"the board does not run a folder of the host: {error}",
            fix="it needs MicroPython with `sys.stdin.buffer` and `os.mount`; `corten deploy` needs less",
        ) from error
    except NO_QUESTION as error:
        raise TargetError(f"the board asked for what there is not: {error}", fix=LINE_FIX) from error
    return str(trace.decode(errors="replace"))


class _Port:
    """A Link with the face of a serial port, as mpremote expects it."""

    def __init__(self, link: Link, pending: bytes) -> None:
        self._link = link
        self._pending = pending
        self.timeout: float | None = READ_TIMEOUT_S

    def inWaiting(self) -> int:  # noqa: N802 - pyserial's name
        self._pending += self._link.read(CHUNK, 0)
        return len(self._pending)

    def await_input(self, timeout_s: float) -> bool:
        """Returns as soon as there is something to read, or with False when nothing came in time."""
        if not self._pending:
            self._pending = self._link.read(CHUNK, timeout_s)
        return bool(self._pending)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. TargetError when the board is silent in between."""
        while len(self._pending) < size:
            data = self._link.read(CHUNK, READ_TIMEOUT_S)
            if not data:
                raise TargetError(
                    f"the board was silent for {READ_TIMEOUT_S:g} s in the middle of a question", fix=LINE_FIX
                )
            self._pending += data
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken

    def write(self, data: bytes) -> None:
        self._link.write(bytes(data))


class _Transport(SerialTransport):  # type: ignore[misc]
    """mpremote's client on a port that is open already."""

    def __init__(self, port: _Port) -> None:
        self.serial = self._port = port
        self.in_raw_repl = False
        self.use_raw_paste = True
        self.is_pty = False
        self.mounted = False

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = READ_TIMEOUT_S,
        data_consumer: Callable[[bytes], None] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        """As mpremote's, without its pauses: the board's questions are answered at once. RestartedError."""
        limit_s = timeout_overall if timeout_overall is not None else timeout
        silence_s = FOREVER_S if limit_s is None else limit_s
        deadline = time.monotonic() + silence_s
        seen = last = b""
        while not seen.endswith(ending):
            if self.serial.inWaiting():
                data = self.serial.read(1)
                if data_consumer and data != ending:
                    data_consumer(data)
                seen = data if data_consumer else seen + data
                last = last[-len(RESTARTED) :] + data
                deadline = max(deadline, time.monotonic() + silence_s) if timeout_overall is None else deadline
            elif last.endswith(RESTARTED) and not self._port.await_input(RESTARTED_QUIET_S):
                raise RestartedError
            elif time.monotonic() > deadline:
                return seen
            else:
                self._port.await_input(TURN_S)
        return seen
