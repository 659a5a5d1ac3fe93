"""tests/per-second: cold-booted tests on two cores, beside MicroPython's runner, which resets softly between tests."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from host_tools import health, source
from host_tools.bench.rows import Row
from host_tools.boards import Board
from host_tools.build import Image, build
from host_tools.errors import FailedError
from host_tools.source import Source
from host_tools.testing.case import Case
from host_tools.testing.runner import Failure, run_emulated

EVERY_BOARD = False
JOBS = 2
ASKED = 12.0
SAMPLED = 7
"""Every so manieth of MicroPython's basic tests is run."""

TARGET_TESTS = Path("tests", "target")
TIMEOUT_S = 300.0


def measure(board: Board, say: Callable[[str], None]) -> list[Row]:
    """The same tests with both runners; then, in a checkout, this project's own target tests, on every board."""
    image, tree = build(board, None, say), source.find(say)
    tests = _sample(tree)
    theirs = _soft_reset_rate(image, tree, tests)
    ours = _cold_boot_rate(image, [Case(tree.path / "tests" / test) for test in tests])
    against = "MicroPython's run-tests.py, soft resets"
    rows = [Row(board.name, "tests/per-second", ours, "tests/s", theirs, against, at_least=ASKED)]
    if TARGET_TESTS.is_dir():
        rows.append(Row("all", "tests/per-second/target", _pytest_rate(), "tests/s"))
    return rows


def _sample(tree: Source) -> list[str]:
    """Tests that need no more of MicroPython than every port has: the others end in SystemExit, to be skipped."""
    folder = tree.path / "tests"
    every = [
        path for path in sorted(folder.glob("basics/*.py")) if "SystemExit" not in path.read_text(encoding="utf-8")
    ]
    return [str(path.relative_to(folder)) for path in every[::SAMPLED]]


def _soft_reset_rate(image: Image, tree: Source, tests: list[str]) -> float:
    """Without the runner's start: that is in a run of one test as well."""
    one, all_of_them = (health.check(image, tree, chosen) for chosen in (tests[:1], tests))
    return (all_of_them.passed - one.passed) / (all_of_them.seconds - one.seconds)


def _cold_boot_rate(image: Image, cases: list[Case]) -> float:
    run = partial(run_emulated, image=image)
    with ProcessPoolExecutor(JOBS) as pool:
        list(pool.map(run, cases[: 2 * JOBS]))
        started = time.perf_counter()
        results = list(pool.map(run, cases))
        seconds = time.perf_counter() - started
    _check(cases, results)
    return len(cases) / seconds


def _check(cases: list[Case], results: list[Failure | None]) -> None:
    for case, failure in zip(cases, results, strict=True):
        if failure:
            raise FailedError(f"{case.path}: {failure}")


def _pytest_rate() -> float:
    """From the start of the first test to the end of the last, as pytest reports them."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(JOBS), "-p", "host_tools.bench.stopwatch"]
    done = subprocess.run(
        [*command, str(TARGET_TESTS)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        env={**os.environ, "COLUMNS": "120"},
        check=False,
    )
    found = re.search(r"stopwatch: (\d+) tests in ([\d.]+) s", done.stdout)
    if done.returncode or not found:
        raise FailedError(f"the target tests fail, so their rate means nothing:\n{done.stdout[-2000:]}")
    return int(found[1]) / float(found[2])
