"""uart/forced-overrun: the host sends faster than a guest reads that masks interrupts; every byte is accounted for.

The emulator's UARTs hold the sender back while their data register is full, so what is lost then is lost in the ring.
While it records a run, the emulator queues what comes from outside, and asks nobody before it delivers: then bytes are
lost in the device as on a wire, and the device raises its flag. A flag says that one byte was lost or more. So in pairs
of bytes every loss is counted, and in longer bursts some of them.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.link import read_until
from host_tools.targets.qemu import EXACT, QemuTarget

EVERY_BOARD = False
APP = "uart_overrun"
BOARDS = ("mps2_an385", "netduinoplus2", "b_l475e_iot01a")
OVERRUN_BOARDS = ("mps2_an385", "b_l475e_iot01a")
"""Those whose emulated UART has a flag for an overrun."""

ROUNDS = 100
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Round:
    """What became of the bytes of one round."""

    sent: int
    delivered: int
    dropped: int
    overruns: int

    @property
    def missing(self) -> int:
        """Bytes that are neither delivered nor counted as lost."""
        return self.sent - self.delivered - self.dropped - self.overruns


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Rounds of many bytes, and rounds with real overruns."""
    del board
    rng = random.Random(1)
    unit = f"of {ROUNDS} rounds add up"
    for name in BOARDS:
        played = rounds(load_board(name), [2 * rng.randint(100, 255) for _ in range(ROUNDS)], say)
        yield Row(name, "uart/forced-overrun", sum(not each.missing for each in played), unit, at_least=ROUNDS)
        yield Row(name, "uart/forced-overrun/lost", sum(each.dropped + each.overruns for each in played), "bytes")
    for name in OVERRUN_BOARDS:
        played = rounds(load_board(name), [2] * ROUNDS, say, overruns=True)
        exact = sum(not each.missing for each in played)
        yield Row(name, "uart/forced-overrun/in-device", exact, unit, at_least=ROUNDS)
        yield Row(name, "uart/forced-overrun/in-device/overruns", sum(each.overruns for each in played), "bytes")


def rounds(board: Board, sizes: list[int], say: Callable[[str], None], overruns: bool = False) -> list[Round]:
    """Plays a round with each of some even numbers of bytes, up to 510.

    With `overruns`, in an emulator that does not hold the sender back. FailedError when more came out than was sent.
    """
    image = build(board, APP, say)
    with tempfile.TemporaryDirectory() as folder:
        record = f",rr=record,rrfile={Path(folder) / 'events'}" if overruns else ""
        with QemuTarget(image, arguments=["run"], icount=f"{EXACT}{record}") as target:
            link = target.uart(board.instance_of("uart"))
            text = read_until(target.console, b"go\r\n", TIMEOUT_S)
            played = []
            for number, size in enumerate(sizes):
                link.write(bytes([size // 2]) * size)
                text = read_until(target.console, b"go\r\n" if number + 1 < ROUNDS else b"\n", TIMEOUT_S)
                played.append(Round(size, *map(int, text.split()[:3])))
    if wrong := [each for each in played if each.missing < 0]:
        raise FailedError(f"{board.name}: more bytes than were sent: {wrong}")
    return played
