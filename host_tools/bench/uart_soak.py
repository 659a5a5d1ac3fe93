"""uart/both-ways: bytes through a UART in both directions at once, while the host pauses at random; none is lost.

The app uart_soak sends back what comes, and collects garbage meanwhile.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator

from host_tools.bench.app_output import output_to_end
from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.link import CHUNK, Link, read_until
from host_tools.targets.qemu import EXACT, QemuTarget

EVERY_BOARD = False
APP = "uart_soak"
BOARD = "mps2_an385"
BYTES = 64 << 20
BLOCK = 1 << 16
STALL = 0.05  # of blocks, before which the host pauses
STALLS_S = (0.01, 0.1, 1.0, 6.0)
"""The longest lets the buffers between the two fill up, so that the board waits as well."""

BOOT_TIMEOUT_S = 20.0
SILENCE_TIMEOUT_S = 30.0


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Sends so many and compares what comes back."""
    del board
    seconds, stalls, counted = run(load_board(BOARD), BYTES, say)
    say(f"{BOARD}: {BYTES >> 20} MiB each way in {seconds / 60:.1f} min, {stalls} pauses of the host; {counted}")
    yield Row(BOARD, "uart/both-ways", BYTES, "bytes each way", at_least=64 << 20)
    yield Row(BOARD, "uart/both-ways/lost", 0, "bytes", at_most=0)
    yield Row(BOARD, "uart/both-ways/rate", BYTES / seconds / 1000, "kB/s")


def run(board: Board, count: int, say: Callable[[str], None]) -> tuple[float, int, dict[str, int]]:
    """Lets a board echo `count` bytes: the seconds, how often the host paused, and what the board counted.

    FailedError unless every byte comes back, in its place, and the counts say so.
    """
    pauses = _Pauses()
    with QemuTarget(build(board, APP, say), arguments=["run"], icount=EXACT, read_ahead=True) as target:
        read_until(target.console, b"? ", BOOT_TIMEOUT_S)
        target.console.write(f"{count}\r".encode())
        link = target.uart(board.instance_of("uart"))
        started = time.monotonic()
        sender = threading.Thread(target=_send, args=(link, count, pauses), daemon=True)
        sender.start()
        _compare(link, count, pauses)
        seconds = time.monotonic() - started
        sender.join(SILENCE_TIMEOUT_S)
        counted = json.loads(output_to_end(target, APP, SILENCE_TIMEOUT_S).splitlines()[-1])
    expected = {"dropped": 0, "overruns": 0} | dict.fromkeys(("received", "written", "sent", "echoed"), count)
    if counted != expected:
        raise FailedError(f"{count} bytes were sent and came back, and the board counted {counted}")
    return seconds, pauses.count, counted


class _Pauses:
    """The host's stalls, in either direction: see STALL."""

    def __init__(self) -> None:
        self.count = 0

    def maybe(self, rng: random.Random) -> None:
        if rng.random() < STALL:
            self.count += 1
            time.sleep(rng.choice(STALLS_S))


def _block(number: int, count: int) -> bytes:
    """What is sent as the block of that number; the last one is shorter."""
    return random.Random(number).randbytes(min(BLOCK, count - number * BLOCK))


def _send(link: Link, count: int, pauses: _Pauses) -> None:
    rng = random.Random("send")
    for number in range(-(-count // BLOCK)):
        left = memoryview(_block(number, count))
        while left:
            some = rng.randint(1, 8192)
            link.write(left[:some].tobytes())
            left = left[some:]
        pauses.maybe(rng)


def _compare(link: Link, count: int, pauses: _Pauses) -> None:
    rng = random.Random("receive")
    for number in range(-(-count // BLOCK)):
        expected = _block(number, count)
        got = bytearray()
        while len(got) < len(expected):
            part = link.read(min(CHUNK, len(expected) - len(got)), SILENCE_TIMEOUT_S)
            if not part:
                raise FailedError(f"nothing came for {SILENCE_TIMEOUT_S:g} s after {number * BLOCK + len(got)} bytes")
            got += part
        pauses.maybe(rng)
        if got != expected:
            at = next(at for at, (one, other) in enumerate(zip(got, expected, strict=True)) if one != other)
            raise FailedError(f"byte {number * BLOCK + at} came back as {got[at]}, not {expected[at]}")
