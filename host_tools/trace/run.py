"""Takes a trace: of an app in the emulator, or on a board whose image has the app."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.errors import CortenError, FailedError, TargetError, UsageError
from host_tools.link import Link, LinkClosedError
from host_tools.raw_repl import RawRepl
from host_tools.targets.monitor import Monitor
from host_tools.trace.recording import Recording, parse

CTRL_C = b"\x03"
STARTED = b"\x1e"
"""What the target prints, ahead of the app, when its time begins: while it waits, an emulator's clock may race."""

AGAIN_S = 1.0
POLL_S = 0.02
ANSWER_TIMEOUT_S = 20.0
SLOWDOWN = 30
"""How much longer than its own time an emulated app may take."""

REHEARSAL = """
import gc
from corten import trace
gc.collect()
trace.start({events})
trace.stop()
print(*trace.clock())
"""
"""What cannot be started fails here, and the recording itself begins without the console's interrupts."""

RUN = """
trace.start({events}, trace.clock(), {seconds})
print("\x1e", end="")
try:
    __import__("main", None, None, False)
except SystemExit:
    pass
finally:
    trace.stop()
"""

DUMP = "trace.dump()"


def record(
    board_name: str,
    app: str,
    port: str | None,
    seconds: float,
    events: int,
    say: Callable[[str], None],
    on_output: Callable[[bytes], None],
) -> tuple[Recording, str | None]:
    """Runs the app for so many seconds of its own time, and returns what was recorded, and what ended it if not we.

    A board at a port is soft-reset first, so the app starts as from reset. `on_output` is told what it prints.
    UsageError where the target cannot trace, FailedError where it has no room for that many events, TargetError where
    it does not answer.
    """
    with _target(board_name, app, port, say) as (link, monitor):
        repl = RawRepl(link)
        if monitor:
            repl.enter_after_boot()
        else:
            repl.enter()
            repl.soft_reset()
        address, hz, mask = map(int, _execute(repl, REHEARSAL.format(events=events), app).split())
        say(f"waiting for {app}, traced for {seconds:g} s")
        clock = _GuestClock(monitor, address, hz, mask) if monitor else _HostClock()
        limit_s = seconds * SLOWDOWN + ANSWER_TIMEOUT_S
        program = RUN.format(events=events, seconds=seconds)
        with _Interruption(link, clock, seconds, on_output) as interruption:
            _, trace = repl.execute(program, total_s=limit_s, on_output=interruption.take)
        ended = trace.decode(errors="replace").strip()
        ours = interruption.was_sent and ended.endswith("KeyboardInterrupt:")
        return parse(_execute(repl, DUMP, app)), (ended or "it returned") if not ours else None


@contextmanager
def _target(
    board_name: str, app: str, port: str | None, say: Callable[[str], None]
) -> Iterator[tuple[Link, Monitor | None]]:
    if port:
        from host_tools.targets.serial import SerialTarget

        with SerialTarget(port) as real:
            yield real.console, None
        return
    from host_tools.targets.qemu import EXACT_ALONE, QemuTarget, emulator_of

    board = load_board(board_name)
    emulator_of(board)
    image = build(board, app, say, locks=False)
    with QemuTarget(image, arguments=["prompt"], icount=EXACT_ALONE, monitor=True) as target:
        try:
            yield target.console, target.monitor
        except LinkClosedError as error:
            raise FailedError(f"{image.app} ended the emulator before its trace was read: {target.ended()}") from error


class _GuestClock:
    """The board's own time, read through the emulator's monitor."""

    def __init__(self, monitor: Monitor, address: int, hz: int, mask: int) -> None:
        self._monitor, self._address, self._hz, self._mask = monitor, address, hz, mask
        self.begin()

    def begin(self) -> None:
        """Counts from here on."""
        self._before = self._read()
        self._counts = 0

    def seconds(self) -> float:
        """Since the begin."""
        now = self._read()
        self._counts += (now - self._before) & self._mask
        self._before = now
        return self._counts / self._hz

    def _read(self) -> int:
        return self._monitor.read_word(self._address)


class _HostClock:
    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Counts from here on."""
        self._begin = time.monotonic()

    def seconds(self) -> float:
        """Since the begin."""
        return time.monotonic() - self._begin


class _Interruption:
    """Passes a program's output on, and sends Ctrl-C once its time is over, and again while it goes on."""

    def __init__(
        self, link: Link, clock: _GuestClock | _HostClock, seconds: float, on_output: Callable[[bytes], None]
    ) -> None:
        self.was_sent = False
        self._link, self._clock, self._seconds, self._on_output = link, clock, seconds, on_output
        self._started, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self) -> "_Interruption":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._started.set()
        self._thread.join()

    def take(self, data: bytes) -> None:
        """What the program prints."""
        if not self._started.is_set():
            _, started, data = data.partition(STARTED)
            if started:
                self._started.set()
        if data:
            self._on_output(data)

    def _wait(self) -> None:
        self._started.wait()
        try:
            self._clock.begin()
            while self._clock.seconds() < self._seconds:
                if self._ended.wait(POLL_S):
                    return
            while not self._ended.is_set():
                self._link.write(CTRL_C)
                self.was_sent = True
                self._ended.wait(AGAIN_S)
        except CortenError:
            return  # the reader of the console meets the same, and says so


def _execute(repl: RawRepl, program: str, app: str) -> str:
    output, trace = repl.execute(program, ANSWER_TIMEOUT_S)
    if trace:
        raise _explained(trace.decode(errors="replace").strip().splitlines()[-1], app)
    return output.decode(errors="replace")


def _explained(problem: str, app: str) -> CortenError:
    kind, _, text = problem.partition(":")
    if kind == "NoClock":
        return UsageError(f"there is no clock for time stamps: {text.strip()}")
    if kind == "MemoryError":
        return FailedError(
            "the target has too little memory for the recording",
            fix="give a smaller --events: 8 bytes each, rounded up to a power of two",
        )
    if kind == "ImportError":
        return UsageError(f"the target runs no image of Corten: {text.strip()}", fix=f"flash it: corten build {app}")
    return TargetError(f"the target cannot record: {problem}")
