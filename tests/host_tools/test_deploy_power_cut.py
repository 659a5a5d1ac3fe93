"""The power fails in the middle of a deployment: the old app or the new one runs.

Some of its flash operations are tried here; `corten bench deploy/power-cuts` tries all.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools.bench.power_cuts import NEW, OLD, PowerCuts

FIRST, MIDDLE, LAST = 1, 6, 2
"""How many operations are tried: the slot is emptied in the first ones, in the last ones the apps are switched."""


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[PowerCuts]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEN_BUILD", str(built))
        yield PowerCuts(tmp_path_factory.mktemp("cuts"), print)


def test_one_of_both_apps_runs_after_a_power_cut(cuts: PowerCuts) -> None:
    count = cuts.operations()
    between = range(FIRST + 1, count - LAST, (count - FIRST - LAST) // MIDDLE)
    tried = [*range(1, FIRST + 1), *between, *range(count - LAST + 1, count + 1)]
    left = {operation: cuts.trial(operation) for operation in tried}
    assert left[1] == OLD
    assert left[count] == NEW, "half of its last operation is done, which LittleFS then finds to be all that it needs"
    switched = [operation for operation, app in left.items() if app == NEW]
    assert switched == [operation for operation in tried if operation >= switched[0]], "from then on it is the new one"
