"""Which target tests run on which boards, and why the others do not."""

from dataclasses import dataclass, field

from host_tools.boards import Board
from host_tools.testing.case import Case


@dataclass
class Plan:
    """`selected` runs, `excluded` does not, for a reason; `untested` are declared capabilities that no test needs."""

    selected: list[tuple[Case, Board]] = field(default_factory=list)
    excluded: list[tuple[Case, Board, str]] = field(default_factory=list)
    untested: list[tuple[Board, str]] = field(default_factory=list)


def plan(cases: list[Case], boards: list[Board], *, wired: bool) -> Plan:
    """The plan for some tests on `boards`; `wired` says whether the host reaches their UARTs."""
    made = Plan()
    for board in boards:
        covered: set[str] = set()
        for case in cases:
            reason = case.excluded_on(board, wired=wired)
            if reason:
                made.excluded.append((case, board, reason))
            else:
                made.selected.append((case, board))
                covered.update(case.needs)
        here = [name for name in sorted(board.capabilities) if not board.lacks(name, emulated=wired)]
        made.untested += [(board, name) for name in here if name not in covered]
    return made
