"""Compares programs by their numbers: `python -m host_tools.equivalence NUMBER [COUNT]`."""

import sys

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.equivalence.board import BOARD, Session
from host_tools.equivalence.campaign import run
from host_tools.equivalence.compare import MismatchError, Tally


def main(first: int, count: int = 1) -> None:
    """Prints what was compared; ends at the first program that differs, made as small as can be."""
    total = Tally()
    with Session(build(load_board(BOARD), None, print)) as session:
        try:
            for number in range(first, first + count):
                total.add(run(number, session))
        except MismatchError as error:
            sys.exit("\n".join([str(error), *error.__notes__]))
    print(f"{total.programs} programs, {total.refused} of them refused as they should be; {total.accesses} accesses")
    print(f"{total.raised} calls raised; {total.lowered_share:.0%} of the accesses in the source were lowered")
    for reason, times in total.kept.most_common():
        print(f"{times:6} kept: {reason}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
