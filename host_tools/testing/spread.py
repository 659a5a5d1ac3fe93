"""Spreads target tests over the boards at several ports: one test at a time at each, in threads of their own.

pytest goes through its tests one after the other as ever, and finds the results of these already there.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from host_tools.boards import Board
from host_tools.errors import CortenError, TargetError
from host_tools.raw_repl import RawRepl
from host_tools.targets.serial import SerialTarget
from host_tools.testing import runner
from host_tools.testing.case import Case
from host_tools.testing.ports import Port

COMES_BACK_S = 5.0
"""How long a port may stay away after a test that reset the board, or got it stuck."""

AGAIN_S = 0.1


@dataclass(frozen=True)
class Outcome:
    """What came of a test: where it ran, for how long, and why it failed. The port is empty where none was left."""

    port: str
    seconds: float
    failure: str | None


@dataclass
class Job:
    """A test that waits for a port."""

    case: Case
    board: Board
    result: Future[Outcome] = field(default_factory=Future)


class Spread:
    """The ports, and what is still to be run at them. `jobs` and results may be used from any thread."""

    def __init__(self, ports: Sequence[Port], jobs: Sequence[Job]) -> None:
        """Starts at once."""
        self.counts = {port.address: 0 for port in ports}
        """How many tests each port has run."""
        self.lost: dict[str, str] = {}
        """The ports that ended before the tests did, and why."""
        self._left = {name: sum(port.board == name for port in ports) for name in {port.board for port in ports}}
        self._jobs = {name: deque(job for job in jobs if job.board.name == name) for name in self._left}
        self._lock = threading.Lock()
        for port in ports:
            threading.Thread(target=self._work, args=(port,), daemon=True).start()

    def stop(self) -> None:
        """Starts no more tests. One that runs is left to itself: it may last as long as its time-out."""
        with self._lock:
            for jobs in self._jobs.values():
                jobs.clear()

    def _work(self, port: Port) -> None:
        while job := self._next(port.board):
            started = time.monotonic()
            try:
                failure = _run(job, port.address)
                seconds = time.monotonic() - started
                self.counts[port.address] += 1
                cause = _silence(port.address) if failure else None
            except BaseException as error:  # noqa: BLE001 - it is told where pytest asks for the result
                job.result.set_exception(error)
                continue
            if cause:
                self._lose(port, cause)
            job.result.set_result(Outcome(port.address, seconds, failure))
            if cause:
                return

    def _next(self, board: str) -> Job | None:
        with self._lock:
            return self._jobs[board].popleft() if self._jobs[board] else None

    def _lose(self, port: Port, cause: str) -> None:
        """Takes a port out; with the last one of its board what is left cannot run."""
        with self._lock:
            self.lost[port.address] = cause
            self._left[port.board] -= 1
            if self._left[port.board]:
                return
            for job in self._jobs[port.board]:
                job.result.set_result(Outcome("", 0.0, f"no port with a {port.board} is left: {cause}"))
            self._jobs[port.board].clear()


def _run(job: Job, address: str) -> str | None:
    try:
        failure = runner.run_on_port(job.case, job.board, address)
    except CortenError as error:
        return str(error)
    return str(failure) if failure else None


def _silence(address: str) -> str | None:
    """Why the board at a port does not answer any more, None when it does: a failed test may have cost it."""
    deadline = time.monotonic() + COMES_BACK_S
    while True:
        try:
            with SerialTarget(address) as target:
                RawRepl(target.console).enter(max(deadline - time.monotonic(), AGAIN_S))
                return None
        except TargetError as error:
            if time.monotonic() >= deadline:
                return error.message
        except CortenError as error:
            return error.message
        time.sleep(AGAIN_S)
