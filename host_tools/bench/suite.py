"""suite: MicroPython's own tests on our image, and on MicroPython's own port built from the same source."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from host_tools import source
from host_tools.bench import stock
from host_tools.bench.rows import Row
from host_tools.boards import Board
from host_tools.build import build
from host_tools.health import FOLDERS, Health, check
from host_tools.source import Source

EVERY_BOARD = True
WITHOUT_STOCK = ("inlineasm/thumb", "float")
"""What differs between cores, for the boards that MicroPython's port does not have."""

ASKED = {"1.26": {"basics": 532, "micropython": 94, "inlineasm/thumb": 13, "float": 62}}
"""How many were asked to pass, in the version whose tests were counted. An older one does not have as many tests."""


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Runs the tests, on both images at once."""
    tree = source.find(say)
    ours, theirs = build(board, None, say), stock.build(board, tree, say)
    what = FOLDERS if theirs else WITHOUT_STOCK
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(check, ours, tree, what)
        comparing = pool.submit(check, theirs, tree, what) if theirs else None
        health = running.result()
        compared = comparing.result() if comparing else None
    for test, output in health.failures.items():
        say(f"{board.name}: {test} fails; its output:\n{output}")
    yield from _passed(board, tree, health, compared)
    theirs_failed = len(compared.failures) if compared else None
    yield Row(board.name, "suite/failed", len(health.failures), "tests", theirs_failed, at_most=0)


def _passed(board: Board, tree: Source, health: Health, compared: Health | None) -> Iterator[Row]:
    asked = ASKED.get(".".join(tree.version.split(".")[:2]), {})
    for folder, counts in health.counts.items():
        theirs = compared.counts[folder].passed if compared else None
        asked_here = asked.get(folder, 0) if compared else 0
        against = "MicroPython's own port" if compared else None
        at_least = max(theirs or 0, asked_here) or None
        unit = f"passed of {counts.passed + counts.failed + counts.skipped}"
        yield Row(board.name, f"suite/{folder}", counts.passed, unit, theirs, against, at_least=at_least)
