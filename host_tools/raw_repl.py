"""MicroPython's raw REPL: runs source text on a target and returns what it printed.

The protocol is mpremote's; this class gives it a Link in place of its own serial port, and bounded reads that do not
poll.
"""

import struct
import time
from collections.abc import Callable

from host_tools.errors import TargetError
from host_tools.lazy import without_init
from host_tools.link import CHUNK, Link

with without_init("mpremote"):
    from mpremote.transport import TransportError  # type: ignore[import-untyped]
    from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]

FRIENDLY_PROMPT = b">>> "
PROMPT = b"raw REPL; CTRL-B to exit\r\n"
ENTER_TIMEOUT_S = 10.0
SOFT_RESET_TIMEOUT_S = 1.0
"""From a program's end to the words that announce a soft reset."""
ENTER_RETRY_S = 1.0
ANSWERS_APART_S = 0.2
FOREVER_S = 1e6
NO_PROMPT = "the target shows no raw REPL prompt"
NO_PROMPT_FIX = "check that it runs MicroPython and that nothing else uses its console"
SOFT_REBOOT = b"soft reboot\r\n"


class SoftResetError(TargetError):
    """The program ended with SystemExit, which soft-resets a board; the status it gave is not known."""

    def __init__(self, output: bytes) -> None:
        super().__init__("the program ended with SystemExit, which soft-resets the target")
        self.output = output


class RawRepl:
    """The raw REPL at the other end of `link`. Not thread-safe; every wait is bounded."""

    def __init__(self, link: Link) -> None:
        self._port = _Port(link)
        self._transport = _Transport(self._port)

    def enter(self, timeout_s: float = ENTER_TIMEOUT_S) -> None:
        """Brings the target to the raw prompt, stopping a running program with Ctrl-C.

        It asks again every ENTER_RETRY_S: a target that was still booting has lost the first request.
        """
        deadline = time.monotonic() + timeout_s
        seen, requests = b"", 0
        while (left := deadline - time.monotonic()) > 0:
            self._port.write(b"\r\x03\x03\r\x01")
            requests += 1
            seen = self._transport.read_until(1, PROMPT, timeout_overall=min(left, ENTER_RETRY_S))
            if seen.endswith(PROMPT):
                if requests > 1:
                    self._skip_other_answers()
                return
        raise TargetError(f"{NO_PROMPT} within {timeout_s:g} s; it sent {seen[-400:]!r}", fix=NO_PROMPT_FIX)

    def enter_after_boot(self, timeout_s: float = ENTER_TIMEOUT_S) -> None:
        """The same for a target that was just started: waits for its prompt, before which a UART may lose input."""
        self._expect(FRIENDLY_PROMPT, timeout_s, "the target did not boot to its prompt")
        self._port.write(b"\x01")
        self._expect(PROMPT, timeout_s, NO_PROMPT)

    def soft_reset(self, timeout_s: float = ENTER_TIMEOUT_S) -> bytes:
        """Soft-resets from the raw prompt and waits for the next one; returns what boot.py printed."""
        self._expect(b">", timeout_s, NO_PROMPT)
        self._port.write(b"\x04")
        self._expect(SOFT_REBOOT, timeout_s, "the target did not soft-reset")
        return self._expect(PROMPT, timeout_s, "no raw REPL prompt after the soft reset")

    def execute(
        self,
        source: str,
        silence_s: float = FOREVER_S,
        *,
        total_s: float = FOREVER_S,
        on_output: Callable[[bytes], None] | None = None,
    ) -> tuple[bytes, bytes]:
        """Runs `source` and returns its output and its traceback (empty when it ended well).

        `silence_s` bounds the time between two pieces of output, `total_s` all of it; TargetError past either. With
        `on_output` the output is passed on as it arrives and not returned. SoftResetError, at the raw prompt again, for
        a program that ends with SystemExit. A Ctrl-C here stops the program there as well.
        """
        deadline = time.monotonic() + total_s
        try:
            self._transport.exec_raw_no_follow(source)
        except (TransportError, struct.error) as error:
            raise TargetError(f"the target did not take the program: {error}") from error
        try:
            output = self._follow(silence_s, deadline, on_output)
            trace = self._follow(silence_s, deadline, None)
        except KeyboardInterrupt:
            self._port.write(b"\x03")
            raise
        self._check_end(output)
        return output, trace

    def leave(self) -> None:
        """Goes back to the friendly prompt."""
        self._port.write(b"\r\x02")

    def _skip_other_answers(self) -> None:
        """Leaves the last prompt only, where a slow target answers more than one request."""
        last = b""
        while data := self._port.take(ANSWERS_APART_S):
            last = data
        self._port.give_back(last[-1:])

    def _follow(self, silence_s: float, deadline: float, on_output: Callable[[bytes], None] | None) -> bytes:
        seen = b""
        while True:
            wait_s = min(silence_s, deadline - time.monotonic())
            data = self._port.take(wait_s) if wait_s > 0 else b""
            if not data:
                raise TargetError(f"the program did not end and printed nothing more; the last of it: {seen[-400:]!r}")
            data, ended, rest = data.partition(b"\x04")
            self._port.give_back(rest)
            if on_output and data:
                on_output(data)
            seen += data
            if ended:
                return b"" if on_output else seen

    def _check_end(self, output: bytes) -> None:
        """A program that prints the protocol's own marks would be taken to have ended too early."""
        follows = self._port.read(1)
        if follows == b">":
            self._port.give_back(follows)
            return
        follows += self._transport.read_until(1, SOFT_REBOOT, timeout_overall=SOFT_RESET_TIMEOUT_S)
        if not follows.endswith(SOFT_REBOOT):
            raise TargetError(f"the program printed the console's control characters: {follows!r} follows its end")
        self._expect(PROMPT, ENTER_TIMEOUT_S, "no raw REPL prompt after the soft reset")
        raise SoftResetError(output)

    def _expect(self, ending: bytes, timeout_s: float, problem: str) -> bytes:
        data = self._transport.read_until(1, ending, timeout_overall=timeout_s)
        if not data.endswith(ending):
            raise TargetError(f"{problem}; it sent {data[-400:]!r}")
        return bytes(data)


class _Port:
    """A Link with the face of a serial port, as mpremote's transport expects it."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._pending = b""

    def inWaiting(self) -> int:  # noqa: N802 - pyserial's name
        if not self._pending:
            self._pending = self._link.read(CHUNK, 0)
        return len(self._pending)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer when the target is silent for ENTER_TIMEOUT_S."""
        while len(self._pending) < size:
            data = self._link.read(CHUNK, ENTER_TIMEOUT_S)
            if not data:
                break
            self._pending += data
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken

    def take(self, timeout_s: float) -> bytes:
        """All that has arrived; waits for the first byte, empty when there is none in time."""
        taken, self._pending = self._pending or self._link.read(CHUNK, timeout_s), b""
        return taken

    def give_back(self, data: bytes) -> None:
        """Puts back what was taken too much, to be read again."""
        self._pending = data + self._pending

    def write(self, data: bytes) -> None:
        self._link.write(data)


class _Transport(SerialTransport):  # type: ignore[misc]
    """mpremote's raw REPL client on a port that is open already."""

    def __init__(self, port: _Port) -> None:
        self.serial = port
        self.in_raw_repl = True
        self.use_raw_paste = True
        self.is_pty = False

    def read_until(
        self,
        min_num_bytes: int,
        ending: bytes,
        timeout: float | None = 10,
        data_consumer: Callable[[bytes], None] | None = None,
        timeout_overall: float | None = None,
    ) -> bytes:
        limit = timeout_overall if timeout_overall is not None else timeout
        deadline = time.monotonic() + (FOREVER_S if limit is None else limit)
        data = b""
        while (at := data.find(ending)) < 0 and (left := deadline - time.monotonic()) > 0:
            data += self.serial.take(left)
        if at < 0:
            return data
        end = at + len(ending)
        self.serial.give_back(data[end:])
        return data[:end]
