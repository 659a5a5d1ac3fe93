"""tests/per-second: cold-booted tests on two cores, beside MicroPython's runner, which resets softly between tests."""

import re
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from host_tools import health, source
from host_tools.bench import stopwatch
from host_tools.bench.clock import take_turns
from host_tools.bench.rows import Row, Spread, median_row
from host_tools.boards import Board
from host_tools.build import Image, build
from host_tools.errors import FailedError
from host_tools.process import Word, run
from host_tools.source import Source
from host_tools.testing.case import Case
from host_tools.testing.runner import Failure, run_emulated

EVERY_BOARD = False
RUNS = 3
JOBS = 2
ASKED = 12.0
SAMPLED = 12
"""One in so many of MicroPython's basic tests is run."""

TARGET_TESTS = Path("tests", "target")


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """The same tests with both runners; then, in a checkout, this project's own target tests, on every board."""
    image, tree = build(board, None, say), source.find(say)
    tests = _sample(tree)
    cases = [Case(tree.path / "tests" / test) for test in tests]
    with ProcessPoolExecutor(JOBS) as pool:
        candidates = {
            "ours": partial(_cold_boot_rate, pool, image, cases),
            "theirs": partial(_soft_reset_rate, image, tree, tests),
        }
        samples = take_turns(RUNS, candidates)
    more = {"baseline": Spread.of(samples["theirs"]).median, "against": "MicroPython's run-tests.py, soft resets"}
    yield median_row(board.name, "tests/per-second", "tests/s", samples["ours"], **more, at_least=ASKED)
    if TARGET_TESTS.is_dir():
        yield Row("all", "tests/per-second/target", _pytest_rate(), "tests/s")


def _sample(tree: Source) -> list[str]:
    """Tests that need no more of MicroPython than every port has: the others end in SystemExit, to be skipped."""
    folder = tree.path / "tests"
    every = sorted(folder.glob("basics/*.py"))
    plain = [path for path in every if "SystemExit" not in path.read_text(encoding="utf-8")]
    return [str(path.relative_to(folder)) for path in plain[::SAMPLED]]


def _soft_reset_rate(image: Image, tree: Source, tests: list[str]) -> float:
    """Without the runner's start: that is in a run of one test as well."""
    one, all_of_them = (health.check(image, tree, chosen) for chosen in (tests[:1], tests))
    return (all_of_them.passed - one.passed) / (all_of_them.seconds - one.seconds)


def _cold_boot_rate(pool: ProcessPoolExecutor, image: Image, cases: list[Case]) -> float:
    started = time.perf_counter()
    results = list(pool.map(partial(run_emulated, image=image), cases))
    seconds = time.perf_counter() - started
    _check(cases, results)
    return len(cases) / seconds


def _check(cases: list[Case], results: list[Failure | None]) -> None:
    for case, failure in zip(cases, results, strict=True):
        if failure:
            raise FailedError(f"{case.path}: {failure}")


def _pytest_rate() -> float:
    """From the start of the first test to the end of the last, as pytest reports them."""
    options = ["-q", f"-n{JOBS}", "-p", stopwatch.__name__]
    command: list[Word] = [sys.executable, "-m", "pytest", *options, TARGET_TESTS]
    output = run(command, what="time the target tests: one of them fails")
    found = re.search(r"stopwatch: (\d+) tests in ([\d.]+) s", output)
    if not found:
        raise FailedError(f"pytest did not say how long the target tests took: {output[-400:]!r}")
    return int(found[1]) / float(found[2])
