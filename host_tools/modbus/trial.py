"""Many requests to a running node, each compared with what the oracle says, silence included.

Silence is shown by a probe: a frame that must not be answered, a gap that the node has seen, and a request for the
node's counters, whose answer must be the very next bytes, and must count the frame as what the oracle says that it was.

The emulator hands over bytes as it likes. Where it splits a frame by more than the node's gap, the node drops what it
then sees, and counts it; this shows as silence where an answer was due, is counted here in `split`, and the frame is
sent again. Nothing else is forgiven.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pymodbus.pdu.register_message import ReadInputRegistersRequest

from host_tools.boards import Board
from host_tools.errors import CortenError, FailedError
from host_tools.link import Link
from host_tools.modbus import requests
from host_tools.modbus.layout import FIGURES, OWN, UART_FIGURES
from host_tools.modbus.oracle import Answer, Oracle
from host_tools.modbus.watch import Watch
from host_tools.targets.monitor import Monitor

LOOK_S = 0.2
ANSWER_TIMEOUT_S = 20.0
ATTEMPTS = 5
LONG_GAP_S = 0.2
BROADCAST = 0
WRONG = (b"\1", b"\1\2\3\4", bytes(300))
"""Frames that are short, have a wrong CRC, and are long."""
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

    def run(
        self, frames: st.SearchStrategy[bytes], count: int, say: Callable[[str], None], first_seed: int = 1
    ) -> Outcome:
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
            name: self.oracle.counts[name] - before[name]
            for name in ("short", "long", "bad_crc", "addressed_to_others")
        }
        return self.outcome

    def _run_examples(
        self, frames: st.SearchStrategy[bytes], count: int, number: int, say: Callable[[str], None]
    ) -> None:
        failures: list[CortenError] = []
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
            if failures:
                return  # hypothesis would repeat what failed, to which the node is another one by now
            for frame in chosen[: count - self.outcome.frames]:
                try:
                    self.send(frame)
                except CortenError as error:
                    failures.append(error)
                    return
                if self.outcome.frames % SHOWN_EVERY == 0:
                    done = self.outcome
                    say(f"{done.frames} frames, {done.answered} answered, {done.split} sent again")

        burst()
        for failure in failures:
            raise failure

    def warm_up(self, monitor: Monitor, board: Board) -> None:
        """Lets the node count a few frames, by which its counters are found."""
        for frame in (requests.probe(self.oracle.address), requests.probe(BROADCAST), *WRONG):
            for _ in range(3):
                self._warm_up_with(frame)
        self._watch = Watch(monitor, board, self.oracle.counts)

    def _warm_up_with(self, frame: bytes) -> None:
        for _ in range(ATTEMPTS):
            self._before = dict(self.oracle.counts)
            expected = self.oracle.answer(frame)
            self.link.write(frame)
            got = self._read(len(expected.data), ANSWER_TIMEOUT_S)
            if not expected.data:
                time.sleep(LONG_GAP_S)
            if expected.matches(got):
                return
            self._resynchronise()
        raise FailedError(f"{frame.hex()} was answered with {got.hex()}, not {expected.data.hex()}")

    def settle(self) -> None:
        """Compares what the UART counted. FailedError when that is not what was sent and received."""
        names = 2 * len(UART_FIGURES)
        self._exchange(
            requests.frame_of(ReadInputRegistersRequest(address=OWN, count=names, dev_id=self.oracle.address))
        )

    def send(self, frame: bytes) -> None:
        """Sends a frame, and looks at what comes back."""
        if self.oracle.would_move(frame):
            self.outcome.skipped += 1
            return
        self.outcome.frames += 1
        self._before = dict(self.oracle.counts)
        is_answered = self._exchange(frame)
        self.outcome.answered += is_answered
        self.outcome.silent += not is_answered
        self.outcome.exceptions += self.oracle.counts["exceptions"] - self._before["exceptions"]
        if not is_answered:
            self._exchange(requests.probe(self.oracle.address))

    def _exchange(self, frame: bytes) -> bool:
        """Sends a frame, again if the node saw something else; returns whether it was answered, rightly."""
        for _ in range(ATTEMPTS):
            expected = self.oracle.answer(frame)
            self.link.write(frame)
            if not expected.data:
                self._watch.wait(self.oracle.counts["frames"])
                return False
            got = self._answer(len(expected.data))
            if got:
                if not expected.matches(got):
                    difference = _difference(got, expected)
                    raise FailedError(
                        f"{frame.hex()} was answered with {got.hex()}, not {expected.data.hex()}: {difference}"
                    )
                return True
            self._resynchronise()
        raise FailedError(f"{frame.hex()} was not answered, sent {ATTEMPTS} times")

    def _answer(self, size: int) -> bytes:
        """What comes; nothing only if the node has seen the frame's end, or what it took for that, some time ago."""
        got = self._read(size, LOOK_S)
        if not got:
            self._watch.wait(self.oracle.counts["frames"])
            got = self._read(size, LOOK_S)
        return got + self._read(size - len(got), ANSWER_TIMEOUT_S) if got else b""

    def _resynchronise(self) -> None:
        """Takes over the node's own counters, which must show a frame that was dropped in silence."""
        self.outcome.split += 1
        counts = self.oracle.counts
        size = len(self.oracle.answer(probe := requests.probe(self.oracle.address)).data)
        self.link.write(probe)
        found = _figures(self._read(size, ANSWER_TIMEOUT_S))
        if not found:
            raise FailedError("the node does not answer any more")
        found["answers"] += 1  # this one
        ends = sum(found[name] for name in (*DROPPED, "addressed_to_others", "broadcasts", "answers"))
        dropped = sum(found[name] - self._before[name] for name in DROPPED)
        if ends != found["frames"] or dropped < 1:
            raise FailedError(f"a frame was lost without being counted: {found}, after {self._before}")
        counts.update(found, sent=self._received)

    def _read(self, size: int, timeout_s: float) -> bytes:
        got = b""
        until = time.monotonic() + timeout_s
        while len(got) < size and (left := until - time.monotonic()) > 0:
            got += self.link.read(512, left)
        self._received += len(got)
        return got


def _difference(got: bytes, expected: Answer) -> str:
    """Of two answers to a probe, the counters that differ."""
    found, wanted = _figures(got), _figures(expected.data)
    return ", ".join(f"{name} {found[name]}, not {wanted[name]}" for name in found if found[name] != wanted.get(name))


def _figures(answer: bytes) -> dict[str, int]:
    """The node's counters, of an answer to a probe."""
    values = [int.from_bytes(answer[at : at + 4], "big") for at in range(3, len(answer) - 2, 4)]
    return dict(zip(FIGURES, values, strict=False))
