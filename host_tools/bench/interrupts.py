"""interrupts: timer interrupts against a main context that allocates and collects; every one of them accounted for."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from host_tools.bench.app_output import output_to_end
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.link import read_until
from host_tools.targets.qemu import EXACT_ALONE, QemuTarget

EVERY_BOARD = False
APP = "interrupt_storm"
BOARDS = ("mps2_an385", "netduinoplus2")
INTERRUPTS = 10_000_000
TIMEOUT_S = 1800.0
BOOT_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Storm:
    """What the board counted. `hard` and `soft`: interrupts passed on, handled in two counts, exceptions."""

    interrupts: int
    off_beat: int
    period: int
    hard: tuple[int, int, int, int]
    soft: tuple[int, int, int, int]
    collections: int
    turns: int
    corrupt: int
    seconds: float

    @property
    def lost(self) -> int:
        """Each lost interrupt makes all that follow one period late."""
        return self.off_beat // self.period

    def problems(self) -> list[str]:
        """What does not add up; empty when everything does."""
        found = []
        if self.lost:
            found.append(f"an interrupt was {self.off_beat} counts off a beat of {self.period}: lost {self.lost}")
        for kind, (expected, *counted, errors) in (("hard", self.hard), ("soft", self.soft)):
            if set(counted) != {expected} or errors:
                found.append(f"{kind} handler: {expected} interrupts, counted {counted}, {errors} exceptions")
        if self.corrupt:
            found.append(f"{self.corrupt} objects of the main context are not as it left them")
        return found


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Runs so many on each board."""
    for name in BOARDS:
        storm = run(load_board(name), INTERRUPTS, say)
        if problems := storm.problems():
            raise FailedError(f"{name}: {'; '.join(problems)}")
        say(f"{name}: {storm.interrupts} interrupts, {storm.collections} collections, in {storm.seconds:.0f} s")
        yield Row(name, "interrupts/timer", storm.interrupts, "interrupts", at_least=INTERRUPTS)
        yield Row(name, "interrupts/timer/collections", storm.collections, "collections")
        yield Row(name, "interrupts/timer/lost", storm.lost, "interrupts", at_most=0)


def run(board: Board, interrupts: int, say: Callable[[str], None]) -> Storm:
    """Lets a board take at least so many interrupts of its timer."""
    started = time.monotonic()
    with QemuTarget(build(board, APP, say), arguments=["run"], icount=EXACT_ALONE) as target:
        read_until(target.console, b"? ", BOOT_TIMEOUT_S)
        target.console.write(f"{interrupts}\r".encode())
        text = output_to_end(target, APP, TIMEOUT_S)
    found = json.loads(text.splitlines()[-1])
    counts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in found.items() if key != "hz"
    }
    return Storm(**counts, seconds=time.monotonic() - started)
