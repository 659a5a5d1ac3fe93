"""The waits of the raw REPL end, whatever a target does."""

import time

from host_tools.raw_repl import ANSWERS_APART_S, PROMPT, RawRepl


class Chatterbox:
    """A target that misses the first request, answers the second one, and then prints for ever."""

    READS = 400

    def __init__(self) -> None:
        self.requests = self.reads = 0

    def read(self, size: int, timeout_s: float) -> bytes:
        if self.requests < 2:
            time.sleep(timeout_s)
            return b""
        self.reads += 1
        assert self.reads < self.READS, "it is listened to without end"
        if self.reads == 1:
            return PROMPT + b">"
        time.sleep(ANSWERS_APART_S / 10)
        return b"tick\r\n"

    def write(self, data: bytes, timeout_s: float = 1.0) -> None:
        self.requests += 1

    def close(self) -> None:
        raise NotImplementedError


def test_a_slow_target_that_never_is_quiet_is_entered() -> None:
    RawRepl(Chatterbox()).enter()
