"""tests/two-ports: the same target tests at two ports and at one, each an emulated board behind a pseudo-terminal."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from host_tools.bench.clock import take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.errors import FailedError
from host_tools.targets.pty import PtyEmulator
from host_tools.testing import spread
from host_tools.testing.case import Case
from host_tools.testing.ports import Port

EVERY_BOARD = False
RUNS = 5
TESTS = 16
TEST = "import time\nfor _ in range(2000):\n    pass\ntime.sleep_ms(100)\n"
"""A test on a board waits more than it computes; two emulators that compute share the host's cores."""

OF_ONE_PORT = 0.7


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Wall time from the first test's start to the last one's end."""
    image = build(board, None, say)
    with TemporaryDirectory(prefix="corten-") as folder, ExitStack() as stack:
        path = Path(folder, "waits.py")
        path.write_text(TEST, encoding="utf-8")
        ports = [Port(board.name, stack.enter_context(PtyEmulator(image)).port) for _ in range(2)]
        run = partial(_seconds, [Case(path)] * TESTS, board)
        samples = take_turns(RUNS, {"two": partial(run, ports), "one": partial(run, ports[:1])})
    one = Spread.of(samples["one"]).median
    against = {"baseline": one, "against": "one port"}
    yield median_row(board.name, "tests/two-ports", "s", samples["two"], **against, at_most=OF_ONE_PORT * one)


def _seconds(cases: Sequence[Case], board: Board, ports: Sequence[Port]) -> float:
    jobs = [spread.Job(case, board) for case in cases]
    started = time.perf_counter()
    spread.Spread(ports, jobs)
    for job in jobs:
        if failure := job.result.result().failure:
            raise FailedError(f"a test that has nothing to fail at: {failure}")
    return time.perf_counter() - started
