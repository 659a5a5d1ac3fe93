"""registers/equivalence: programs that run lowered as they do unlowered, by the emulator's trace of the bus."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from host_tools.bench.rows import Row
from host_tools.boards import Board, load_board
from host_tools.build import Image, build
from host_tools.errors import TargetError

if TYPE_CHECKING:
    from host_tools.equivalence.compare import Tally

EVERY_BOARD = False
JOBS = 2
PROGRAMS = 10_000
AT_ONCE = 250  # with one emulator
FIRST = 1_000_000
"""The number of the first program; `make test` runs others."""


def measure(board: Board, say: Callable[[str], None]) -> Iterator[Row]:
    """Programs that did the same, those that did not, and the accesses compared; none on a board that cannot.

    Raises MissingToolError without hypothesis.
    """
    import host_tools.equivalence.campaign  # noqa: F401 - here it says that hypothesis is missing, if it is
    from host_tools.equivalence.board import BOARD
    from host_tools.equivalence.compare import Tally

    if board.name != BOARD:
        say(f"{board.name} has no registers that programs can use freely, {BOARD} has")
        return
    image = build(load_board(BOARD), None, say)
    total, mismatches = Tally(), 0
    with ProcessPoolExecutor(JOBS) as pool:
        for done, problems in pool.map(partial(_compare, image), range(FIRST, FIRST + PROGRAMS, AT_ONCE)):
            total.add(done)
            mismatches += len(problems)
            for problem in problems:
                say(problem)
    compared = total.programs + mismatches
    yield Row(BOARD, "registers/equivalence/programs", compared, "programs", at_least=PROGRAMS)
    yield Row(BOARD, "registers/equivalence/mismatches", mismatches, "programs", at_most=0)
    yield Row(BOARD, "registers/equivalence/accesses", total.accesses, "bus accesses")
    share = 100 * total.lowered_share
    yield Row(BOARD, "registers/equivalence/lowered", share, "% of accesses in the source")


def _compare(image: Image, first: int) -> "tuple[Tally, list[str]]":
    """What the programs from this number on came to, and what is wrong with those that differ."""
    from host_tools.equivalence.board import Session
    from host_tools.equivalence.campaign import run
    from host_tools.equivalence.compare import MismatchError, Tally

    total, problems = Tally(), []
    with Session(image) as session:
        for number in range(first, first + AT_ONCE):
            try:
                total.add(run(number, session, shrink=False))
            except (MismatchError, TargetError) as error:
                problems.append("\n".join([str(error), *error.__notes__]))
    return total, problems
