"""interrupts/preempted: handlers of three priorities, interrupted by the host at random moments, sharing counters.

Each interrupt is injected through the emulator, on the STM32L475 as an edge of a pin, and each handler counts it in
counters that the other priorities count in as well, under their ceilings. In the end every counter is what was
injected, exactly.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError, UsageError
from host_tools.link import Link, read_until
from host_tools.targets.qemu import EXACT, QemuTarget, emulator_of
from host_tools.targets.qtest import pulse, store

EVERY_BOARD = False
APP = "preemption"
BOARDS = ("mps2_an385", "netduinoplus2", "b_l475e_iot01a")
PREEMPTIONS = {"native": 1_000_000, "hard": 100_000}
LINES = 3
PORTION = 2000
OFTEN = (0, 1, 1, 1, 2, 2, 2, 2)
TIMEOUT_S = 600.0
ANSWER_TIMEOUT_S = 20.0
SEED = 4


@dataclass(frozen=True)
class Total:
    """What was injected on each line, and what the board counted; `nested` are runs that preempted another handler."""

    injected: tuple[int, ...]
    taken: tuple[int, ...]
    runs: tuple[int, ...]
    nested: int
    main: int
    counted_by_all: int
    counted_by_lower: int
    corrupt: int
    errors: int
    seconds: float

    def problems(self) -> list[str]:
        """What does not add up; empty when everything does."""
        found = []
        if self.taken != self.injected:
            found.append(f"injected {self.injected}, taken {self.taken}")
        if self.counted_by_all != sum(self.taken) + self.main:
            found.append(f"shared by all: {self.counted_by_all}, not {sum(self.taken) + self.main}")
        if self.counted_by_lower != sum(self.taken[:-1]):
            found.append(f"shared by the lower two: {self.counted_by_lower}, not {sum(self.taken[:-1])}")
        if self.corrupt or self.errors:
            found.append(f"{self.corrupt} objects corrupt, {self.errors} exceptions in handlers")
        return found


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Runs until so many handlers were preempted by others."""
    for name in BOARDS:
        for variant, preemptions in PREEMPTIONS.items():
            total = run(load_board(name), variant, preemptions, say)
            if problems := total.problems():
                raise FailedError(f"{name}, {variant} handlers: {'; '.join(problems)}")
            say(f"{name}: {sum(total.injected)} injected, {total.nested} preemptions in {total.seconds:.0f} s")
            prefix = f"interrupts/preempted/{variant}"
            yield Row(name, prefix, total.nested, "preemptions", at_least=preemptions)
            yield Row(name, f"{prefix}/injected", sum(total.injected), "interrupts")
            yield Row(name, f"{prefix}/lost", sum(total.injected) - sum(total.taken), "interrupts", at_most=0)


def run(board: Board, variant: str, preemptions: int, say: Callable[[str], None], seed: int = SEED) -> Total:
    """Injects until there were that many preemptions. UsageError for a board whose lines the host cannot drive."""
    nvic = emulator_of(board).nvic
    if nvic is None:
        raise UsageError(f"{board.name}: its file does not say where the emulator's interrupt lines are")
    chooser = random.Random(seed)
    injected = [0] * LINES
    with QemuTarget(build(board, APP, say), icount=EXACT, qtest=True) as target:
        read_until(target.console, b"? ", ANSWER_TIMEOUT_S)
        target.console.write(variant.encode() + b"\r")
        stop, offered, nested, (port, first) = _line(target.console, ANSWER_TIMEOUT_S)
        soc = nvic.rpartition("/")[0]
        device = f"{soc}/gpio{port.lower()}" if port else nvic
        started = time.monotonic()
        while sum(map(target.qtest.read_word, nested)) < preemptions:
            target.qtest.play(_moments(device, first, offered, injected, chooser))
            if time.monotonic() > started + TIMEOUT_S:
                raise FailedError(f"{board.name}: no {preemptions} preemptions within {TIMEOUT_S:g} s")
        target.qtest.write_word(stop, 1)
        seconds = time.monotonic() - started
        main, of_all, of_lower, corrupt, _, counts, errors = _line(target.console, TIMEOUT_S)
    taken, runs, preempted = zip(*counts, strict=True)
    return Total(tuple(injected), taken, runs, sum(preempted), main, of_all, of_lower, corrupt, sum(errors), seconds)


def _moments(device: str, first: int, offered: int, injected: list[int], chooser: random.Random) -> Iterator[str]:
    """A portion of interrupts, on one line or two at a time, each announced before it is made."""
    for _ in range(PORTION):
        moment = ""
        for number in {chooser.choice(OFTEN), chooser.choice(OFTEN)}:
            injected[number] += 1
            moment += store(offered + 4 * number, injected[number]) + pulse(device, first + number)
        yield moment


def _line(console: Link, timeout_s: float) -> Any:
    """The next line of the app that is JSON; what it echoes is none."""
    while True:
        for line in read_until(console, b"\n", timeout_s).splitlines():
            if line.startswith(b"["):
                return json.loads(line)
