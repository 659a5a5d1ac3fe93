"""MicroPython's raw REPL: runs source text on a target and returns what it printed.

The protocol is described in MicroPython's manual, "The internal MicroPython REPL", sections "Raw mode" and "Raw-paste
mode". Every wait is bounded, and none polls.
"""

import time
from collections.abc import Callable
from contextlib import suppress

from host_tools.errors import TargetError
from host_tools.link import CHUNK, WRITE_TIMEOUT_S, Link, LinkClosedError

FRIENDLY_PROMPT = b">>> "
PROMPT = b"raw REPL; CTRL-B to exit\r\n"
REQUEST = b"\r\x03\x03\r\x01"
"""A new line, Ctrl-C for the program that runs and for input half given, Ctrl-A for the raw prompt."""

PASTE_REQUEST = b"\x05A\x01"
PASTE_WORKS, PASTE_IS_OFF, PASTE_UNKNOWN = b"R\x01", b"R\x00", b"ra"
"""How a target answers that: the last one is the beginning of its raw prompt, of before MicroPython 1.14."""

MORE, END = b"\x01", b"\x04"
PIECE, PIECE_S = 256, 0.01
"""Without raw paste nothing holds the host back: this many bytes at a time, with a pause."""

ENTER_TIMEOUT_S = 10.0
SOFT_RESET_TIMEOUT_S = 1.0
"""From a program's end to the words that announce a soft reset."""
ENTER_RETRY_S = 1.0
ANSWERS_APART_S = 0.2
FOREVER_S = 1e6
ANSWER_TIMEOUT_S = 10.0
"""From what we send to the target's answer."""

KEPT_BYTES = 4096
"""What is kept of what the target sent, for the words of an error."""

NO_PROMPT = "the target shows no raw REPL prompt"
SOFT_REBOOT = b"soft reboot\r\n"
RESTARTED = b'Type "help()" for more information.\r\n>>> '
"""The end of what a target prints from its reset to its prompt."""

RESTARTED_QUIET_S = 0.5
LINE_FIX = "try again; a line that loses bytes does this, and a console that something else uses as well"


class SoftResetError(TargetError):
    """The program ended with SystemExit, which soft-resets a board; the status it gave is not known."""

    def __init__(self, output: bytes) -> None:
        super().__init__("the program ended with SystemExit, which soft-resets the target")
        self.output = output


class RestartedError(TargetError):
    """The target was reset while a program ran on it."""

    def __init__(self) -> None:
        message = "the target started anew in the middle of the program"
        super().__init__(message, fix="find out what reset it: a watchdog, its supply, machine.reset(), a button")


class RawRepl:
    """The raw REPL at the other end of `link`. Not thread-safe; every wait is bounded."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._pending = b""
        self._can_paste = True

    def enter(self, timeout_s: float = ENTER_TIMEOUT_S) -> None:
        """Brings the target to the raw prompt, stopping a running program with Ctrl-C.

        It asks again every ENTER_RETRY_S: a target that was still booting has lost the first request. TargetError says
        what the target did instead.
        """
        deadline = time.monotonic() + timeout_s
        seen, requests = b"", 0
        try:
            while (left := deadline - time.monotonic()) > 0:
                self._link.write(REQUEST, min(left, WRITE_TIMEOUT_S))
                requests += 1
                seen += self._read_until(PROMPT, min(left, ENTER_RETRY_S))
                if seen.endswith(PROMPT):
                    if requests > 1:
                        self._skip_other_answers()
                    return
                seen = seen[-KEPT_BYTES:]
        except LinkClosedError as error:
            if said := (seen + self._last_words())[-400:].decode(errors="backslashreplace").strip():
                raise LinkClosedError(f"{error.message}; its last words: {said}", fix=error.fix) from error
            raise
        from host_tools.no_prompt import explain

        raise explain(seen, REQUEST, timeout_s)

    def enter_after_boot(self, timeout_s: float = ENTER_TIMEOUT_S) -> None:
        """The same for a target that was just started: waits for its prompt, before which a UART may lose input."""
        self._expect(FRIENDLY_PROMPT, timeout_s, "the target did not boot to its prompt")
        self._link.write(b"\x01")
        self._expect(PROMPT, timeout_s, NO_PROMPT)

    def soft_reset(self, timeout_s: float = ENTER_TIMEOUT_S) -> bytes:
        """Soft-resets from the raw prompt and waits for the next one; returns what boot.py printed."""
        self._expect(b">", timeout_s, NO_PROMPT)
        self._link.write(END)
        self._expect(SOFT_REBOOT, timeout_s, "the target did not soft-reset")
        return self._expect(PROMPT, timeout_s, "no raw REPL prompt after the soft reset")

    def execute(
        self,
        source: str | bytes,
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
            self._send(source.encode() if isinstance(source, str) else source, min(silence_s, total_s))
            output = self._follow(silence_s, deadline, on_output)
            trace = self._follow(silence_s, deadline, None)
        except KeyboardInterrupt:
            self._link.write(b"\x03")
            raise
        self._check_end(output)
        return output, trace

    def leave(self) -> None:
        """Goes back to the friendly prompt."""
        self._link.write(b"\r\x02")

    def hand_over(self) -> bytes:
        """What has come and was not taken yet, for who goes on with the link."""
        taken, self._pending = self._pending, b""
        return taken

    def _send(self, source: bytes, timeout_s: float) -> None:
        """Hands the target a program, which it then starts."""
        limit_s = min(timeout_s, ANSWER_TIMEOUT_S)
        self._expect(b">", limit_s, NO_PROMPT)
        if self._can_paste:
            self._link.write(PASTE_REQUEST, limit_s)
            answer = self._read(len(PASTE_WORKS), limit_s)
            if answer == PASTE_WORKS:
                self._paste(source, limit_s)
                return
            self._can_paste = False
            if answer == PASTE_UNKNOWN:
                self._expect(PROMPT.removeprefix(PASTE_UNKNOWN) + b">", limit_s, NO_PROMPT)
            elif answer != PASTE_IS_OFF:
                raise _not_taken(answer + self._take(0))
        for start in range(0, len(source), PIECE):
            self._link.write(source[start : start + PIECE], limit_s)
            time.sleep(PIECE_S)
        self._link.write(END, limit_s)
        answer = self._read(2, limit_s)
        if answer != b"OK":
            raise _not_taken(answer + self._take(0))

    def _paste(self, source: bytes, limit_s: float) -> None:
        """Raw-paste mode: the target tells each time that it has room for `window` bytes more."""
        window = int.from_bytes(self._read(2, limit_s), "little")
        room, start = window, 0
        while start < len(source):
            while room == 0 or self._has_arrived():
                told = self._read(1, limit_s)
                if told == END:  # it has had enough: the program does not compile
                    self._link.write(END, limit_s)
                    return
                if told != MORE:
                    raise _not_taken(told + self._take(0))
                room += window
            piece = source[start : start + room]
            self._link.write(piece, limit_s)
            room -= len(piece)
            start += len(piece)
        self._link.write(END, limit_s)
        while (told := self._read(1, limit_s)) == MORE:
            pass
        if told != END:
            raise _not_taken(told + self._take(0))

    def _last_words(self) -> bytes:
        """What has come of a target that is gone, and was not read yet."""
        with suppress(LinkClosedError):
            self._pending += self._link.read(CHUNK, 0)
        return self.hand_over()

    def _skip_other_answers(self) -> None:
        """Leaves the last prompt only, where a slow target answers more than one request. Some never are quiet."""
        last = b""
        until = time.monotonic() + ENTER_RETRY_S
        while time.monotonic() < until and (data := self._take(ANSWERS_APART_S)):
            last = data
        self._pending = last[-1:]

    def _follow(self, silence_s: float, deadline: float, on_output: Callable[[bytes], None] | None) -> bytes:
        seen: list[bytes] = []
        last = b""
        while True:
            wait_s = min(silence_s, deadline - time.monotonic())
            data = self._take(wait_s) if wait_s > 0 else b""
            if not data:
                raise TargetError(
                    f"the program did not end and printed nothing more; the last of it: {last[-400:]!r}",
                    fix="give it more time, or stop it with Ctrl-C in `corten repl`",
                )
            data, ended, self._pending = data.partition(END)
            last = (last + data)[-KEPT_BYTES:]
            if on_output and data:
                on_output(data)
            elif data:
                seen.append(data)
            if ended:
                return b"".join(seen)
            if last.endswith(RESTARTED) and not self._has_arrived(RESTARTED_QUIET_S):
                raise RestartedError

    def _check_end(self, output: bytes) -> None:
        """A program that prints the protocol's own marks would be taken to have ended too early."""
        follows = self._read(1, ANSWER_TIMEOUT_S)
        if follows == b">":
            self._pending = follows + self._pending
            return
        follows += self._read_until(SOFT_REBOOT, SOFT_RESET_TIMEOUT_S)
        if not follows.endswith(SOFT_REBOOT):
            message = f"the program printed the console's control characters: {follows!r} follows its end"
            raise TargetError(message, fix=LINE_FIX)
        self._expect(PROMPT, ENTER_TIMEOUT_S, "no raw REPL prompt after the soft reset")
        raise SoftResetError(output)

    def _expect(self, ending: bytes, timeout_s: float, problem: str) -> bytes:
        data = self._read_until(ending, timeout_s)
        if not data.endswith(ending):
            raise TargetError(f"{problem}; it sent {data[-400:]!r}", fix=LINE_FIX)
        return data

    def _read_until(self, ending: bytes, timeout_s: float) -> bytes:
        """Up to and including `ending`, or what came in time: of that, no more than the last KEPT_BYTES and a read."""
        deadline = time.monotonic() + timeout_s
        seen = self._take(0) if self._pending else b""
        while (at := seen.find(ending)) < 0:
            left = deadline - time.monotonic()
            if left <= 0:
                self._pending = b""
                return seen
            self._pending = seen[-KEPT_BYTES:]
            seen = self._pending + self._link.read(CHUNK, left)
        end = at + len(ending)
        self._pending = seen[end:]
        return seen[:end]

    def _read(self, size: int, timeout_s: float) -> bytes:
        """Exactly `size` bytes, fewer when they do not come in time."""
        deadline = time.monotonic() + timeout_s
        while len(self._pending) < size:
            data = self._link.read(CHUNK, max(deadline - time.monotonic(), 0))
            if not data and time.monotonic() >= deadline:
                break
            self._pending += data
        taken, self._pending = self._pending[:size], self._pending[size:]
        return taken

    def _take(self, timeout_s: float) -> bytes:
        """All that has arrived; waits for the first byte, empty when there is none in time."""
        taken, self._pending = self._pending or self._link.read(CHUNK, timeout_s), b""
        return taken

    def _has_arrived(self, timeout_s: float = 0) -> bool:
        if not self._pending:
            self._pending = self._link.read(CHUNK, timeout_s)
        return bool(self._pending)


def _not_taken(answer: bytes) -> TargetError:
    said = f"it answered {answer[-400:]!r}" if answer else "it does not answer any more"
    return TargetError(f"the target did not take the program: {said}", fix=LINE_FIX)
