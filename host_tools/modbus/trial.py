"""Many requests to a running node, each compared with what the oracle says, silence included.

Silence is shown by a probe: a frame that must not be answered, a gap, and a request for the node's counters, whose answer
must be the very next bytes, and must count the frame as what the oracle says that it was.

The emulator hands over bytes as it likes. Where it splits a frame by more than the node's gap, or joins two, the node
drops what it then sees, and counts it; this shows as silence where an answer was due, is counted here in `split`, and the
frame is sent again. Nothing else is forgiven.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from host_tools.errors import FailedError
from host_tools.link import Link
from host_tools.modbus import requests
from host_tools.modbus.layout import FIGURES
from host_tools.modbus.oracle import Oracle

ANSWER_TIMEOUT_S = 2.0
GAP_S = 0.004
"""Longer than the node's gap takes the emulator when the host is not very busy; when it is, the two frames are joined."""
LONG_GAP_S = 0.1
ATTEMPTS = 5
SHOWN_EVERY = 10_000
DROPPED = ("short", "long", "quiet_inside", "bad_crc")


@dataclass
class Outcome:
    """What was counted: frames answered, and as exceptions; frames kept silent about; and frames sent again."""

    frames: int = 0
    answered: int = 0
    exceptions: int = 0
    silent: int = 0
    split: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)


class Trial:
    """A running node, on the other end of `link`, and its oracle."""

    def __init__(self, link: Link, oracle: Oracle) -> None:
        self.link = link
        self.oracle = oracle
        self.outcome = Outcome()
        self._received = 0
        self._before = dict(oracle.counts)

    def run(self, frames: st.SearchStrategy[bytes], count: int, say: Callable[[str], None], first_seed: int = 1) -> Outcome:
        """Sends `count` frames. FailedError at the first wrong one."""
        self.outcome = Outcome()
        before = dict(self.oracle.counts)
        started = time.monotonic()
        number = first_seed
        while self.outcome.frames < count:
            self._run_examples(frames, count, number, say)
            number += 1
        self.outcome.seconds = time.monotonic() - started
        self.outcome.reasons = {
            name: self.oracle.counts[name] - before[name] for name in ("short", "long", "bad_crc", "addressed_to_others")
        }
        return self.outcome

    def _run_examples(self, frames: st.SearchStrategy[bytes], count: int, number: int, say: Callable[[str], None]) -> None:
        examples = -(-(count - self.outcome.frames) // requests.BURST)

        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(requests.bursts(frames))
        def burst(chosen: list[bytes]) -> None:
            for frame in chosen[: count - self.outcome.frames]:
                self.send(frame)
                if self.outcome.frames % SHOWN_EVERY == 0:
                    say(f"{self.outcome.frames} frames, {self.outcome.answered} answered, {self.outcome.split} sent again")

        burst()

    def send(self, frame: bytes) -> None:
        """Sends a frame, and looks at what comes back."""
        if self.oracle.would_move(frame):
            self.outcome.skipped += 1
            return
        self.outcome.frames += 1
        self._before = dict(self.oracle.counts)
        expected = self.oracle.answer(frame)
        self.link.write(frame)
        if expected.data:
            self.outcome.answered += 1
            self.outcome.exceptions += self.oracle.counts["exceptions"] - self._before["exceptions"]
            got = self._read(len(expected.data))
            if not got:
                self._again(frame)
            elif not expected.matches(got):
                raise FailedError(f"{frame.hex()} was answered with {got.hex()} in place of {expected.data.hex()}")
        else:
            self.outcome.silent += 1
            self._probe(frame)

    def _probe(self, frame: bytes) -> None:
        time.sleep(GAP_S)
        probe = requests.probe(self.oracle.address)
        expected = self.oracle.answer(probe)
        self.link.write(probe)
        got = self._read(len(expected.data))
        if not got:
            self._again(frame)
        elif not expected.matches(got):
            raise FailedError(
                f"{frame.hex()} must not be answered; then {probe.hex()} was answered with {got.hex()} in place of "
                f"{expected.data.hex()}"
            )

    def _again(self, frame: bytes) -> None:
        """The node saw something else than was sent, dropped that, and says so; then the frame goes once more."""
        self.outcome.split += 1
        for _ in range(ATTEMPTS):
            time.sleep(LONG_GAP_S)
            if self._resynchronise():
                break
        else:
            raise FailedError(f"after {frame.hex()} the node does not answer any more")
        time.sleep(LONG_GAP_S)
        expected = self.oracle.answer(frame)
        self.link.write(frame)
        got = self._read(len(expected.data)) if expected.data else b""
        if not expected.matches(got):
            raise FailedError(f"{frame.hex()}, sent again, was answered with {got.hex()}, not {expected.data.hex()}")
        time.sleep(LONG_GAP_S)

    def _resynchronise(self) -> bool:
        """Takes over the node's own counters, which must show a frame that was dropped in silence."""
        counts = self.oracle.counts
        probe = requests.probe(self.oracle.address)
        size = len(self.oracle.answer(probe).data)
        self.link.write(probe)
        got = self._read(size)
        if len(got) != size:
            return False
        values = [int.from_bytes(got[at : at + 4], "big") for at in range(3, size - 2, 4)]
        found = dict(zip(FIGURES, values, strict=True))
        found["answers"] += 1  # this one
        ends = sum(found[name] for name in (*DROPPED, "addressed_to_others", "broadcasts", "answers"))
        dropped = sum(found[name] - self._before[name] for name in DROPPED)
        if ends != found["frames"] or dropped < 1:
            raise FailedError(f"a frame was lost without being counted: {found}, after {self._before}")
        counts.update(found, sent=self._received)
        return True

    def _read(self, size: int) -> bytes:
        got = b""
        until = time.monotonic() + ANSWER_TIMEOUT_S
        while len(got) < size and (left := until - time.monotonic()) > 0:
            got += self.link.read(512, left)
        self._received += len(got)
        return got
