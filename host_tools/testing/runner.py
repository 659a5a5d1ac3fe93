"""Runs one target test on one board and says what came of it."""

import importlib.util
import threading
import time
from dataclasses import dataclass, replace
from types import ModuleType
from typing import cast

from host_tools.boards import Board
from host_tools.build import NO_APP, Image
from host_tools.errors import TargetError, UsageError
from host_tools.link import WRITE_TIMEOUT_S, Link, LinkClosedError
from host_tools.raw_repl import RawRepl, RestartedError
from host_tools.targets import emulated
from host_tools.targets.base import EmulatedTarget, End, Ending, Target
from host_tools.targets.qemu import QemuTarget
from host_tools.targets.serial import SerialTarget
from host_tools.testing.case import Case
from host_tools.testing.wiring import Wire

BOOT_TIMEOUT_S = 10.0
HOST_SIDE_TIMEOUT_S = 5.0
SHOWN_BYTES = 16_384
END_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Failure:
    """Why a test failed: its kind in a few words, what is known, and what the console showed."""

    kind: str
    detail: str
    console: str

    def __str__(self) -> str:
        console = self.console.rstrip() or "(nothing)"
        return f"{self.kind}: {self.detail}\n--- console ---\n{console}"


class Recorder:
    """A link that remembers what was read, for the report."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._seen: list[bytes] = []

    def read(self, size: int, timeout_s: float) -> bytes:
        data = self._link.read(size, timeout_s)
        self._seen.append(data)
        return data

    def write(self, data: bytes, timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self._link.write(data, timeout_s)

    def close(self) -> None:
        self._link.close()

    def text(self) -> str:
        """The last SHOWN_BYTES of it, printable: bytes that are no text are shown as escapes."""
        return (
            b"".join(self._seen)[-SHOWN_BYTES:]
            .decode("utf-8", "backslashreplace")
            .replace("\r\n", "\n")
            .replace("\x04", "")
        )


def run_emulated(case: Case, image: Image) -> Failure | None:
    """Cold-boots `image` with an exact instruction clock, runs the test and returns None when it passed."""
    words = [] if image.app == NO_APP else ["prompt"]  # the app's modules are there to import; it does not run
    jumper = case.jumper_on(image.board)
    alone = not (case.link or jumper)
    patience = image.board.emulator.patience if image.board.emulator else 1.0
    case = replace(case, timeout_s=case.timeout_s * patience)
    with emulated.start(image, alone=alone, exact=True, reboot=False, arguments=words, jumper=jumper) as target:
        wire = Wire(jumper, target.qtest) if jumper and isinstance(target, QemuTarget) else None
        try:
            return _run(case, image.board, target, boot_timeout_s=BOOT_TIMEOUT_S * patience)
        finally:
            if wire:
                wire.stop()


def run_on_port(case: Case, board: Board, port: str) -> Failure | None:
    """Soft-resets the board at `port`, runs the test and returns None when it passed."""
    with SerialTarget(port) as target:
        return _run(case, board, target)


def _run(case: Case, board: Board, target: Target, *, boot_timeout_s: float | None = None) -> Failure | None:
    """Runs the test on a target that was just started, and boots within that time, or on one that runs already."""
    console = Recorder(target.console)
    repl = RawRepl(console)
    try:
        if boot_timeout_s is not None:
            repl.enter_after_boot(boot_timeout_s)
        else:
            repl.enter(BOOT_TIMEOUT_S)
            repl.soft_reset()
    except LinkClosedError as error:
        return _ended(target, console, error)
    except TargetError as error:
        return Failure("no answer", str(error), console.text())
    return _play(case, board, target, repl, console)


def _play(case: Case, board: Board, target: Target, repl: RawRepl, console: Recorder) -> Failure | None:
    """Runs the test, from the raw prompt."""
    host_side = _HostSide(case, board, target) if case.link else None
    deadline = time.monotonic() + case.timeout_s
    jumper = case.jumper_on(board)
    try:
        for number in range(case.runs):
            if number:
                repl.soft_reset()
            repl.execute(f"RUN = {number}" + (f"; JUMPER = {jumper.pins}" if jumper else ""), BOOT_TIMEOUT_S)
            _, trace = repl.execute(case.path.read_text(encoding="utf-8"), total_s=deadline - time.monotonic())
            if trace:
                return _raised(trace.decode("utf-8", "backslashreplace"), console)
    except LinkClosedError as error:
        return _ended(target, console, error)
    except RestartedError as error:
        return Failure("reboot", str(error), console.text())
    except TargetError as error:
        if time.monotonic() >= deadline:
            return Failure("hang", f"no end within {case.timeout_s:g} s", console.text())
        return Failure("garbled console", str(error), console.text())
    problem = host_side.problem() if host_side else None
    return Failure("host side", problem, console.text()) if problem else None


def _raised(trace: str, console: Recorder) -> Failure:
    last = trace.strip().splitlines()[-1]
    kind = "MemoryError" if last.startswith("MemoryError") else "exception"
    return Failure(kind, f"{last}\n{trace.strip()}", console.text())


def _ended(target: Target, console: Recorder, error: LinkClosedError) -> Failure:
    if isinstance(target, SerialTarget):
        return Failure("device gone", str(error), console.text())
    return _emulator_ended(cast(EmulatedTarget, target).end(END_TIMEOUT_S), console.text())


def _emulator_ended(end: End | None, text: str) -> Failure:
    if end is None:
        return Failure("emulator ended", "its console closed", text)
    if end.kind is Ending.FAULT:
        faults = [line for line in text.splitlines() if line.startswith("FAULT")]
        return Failure("hard fault", "\n".join(faults) or end.words or "no report", text)
    if end.kind is Ending.RESET:
        return Failure("reboot", "the board reset itself", text)
    return Failure("emulator ended", end.words, text)


class _HostSide:
    """The host's part of a linked test, in a thread of its own while the board runs."""

    def __init__(self, case: Case, board: Board, target: Target) -> None:
        self._module = _load(case)
        self._link = target.uart(board.instance_of(str(case.link)))
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def problem(self) -> str | None:
        """What went wrong on the host's side, once the board's side ended."""
        self._thread.join(HOST_SIDE_TIMEOUT_S)
        if self._thread.is_alive():
            return f"still busy {HOST_SIDE_TIMEOUT_S:g} s after the board was done"
        return f"{type(self._error).__name__}: {self._error}" if self._error else None

    def _play(self) -> None:
        try:
            self._module.host(self._link)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the test's result
            self._error = error


def _load(case: Case) -> ModuleType:
    spec = importlib.util.spec_from_file_location(case.host_path.stem, case.host_path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{case.host_path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
