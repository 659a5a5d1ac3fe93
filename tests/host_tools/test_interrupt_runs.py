"""Small versions of the long runs over interrupts, and what a handler of each kind costs; all on emulated boards."""

from dataclasses import replace

import pytest

from host_tools.bench import handlers, interrupts, preemption
from host_tools.boards import load_board
from host_tools.errors import UsageError

INTERRUPTS = 50_000
PREEMPTIONS = {"native": 10_000, "hard": 2_000}


@pytest.mark.parametrize("name", handlers.BOARDS)
def test_a_handlers_first_step_is_in_time(name: str) -> None:
    """Counted in instructions, which do not depend on the machine that this runs on."""
    rows = list(handlers.costs(load_board(name), print))
    assert [row.name for row in rows if not row.name.endswith("/worst")] == [
        f"handler/{kind}" for kind in handlers.AT_MOST
    ]
    missed = [row.name for row in rows if row.missed]
    if (name, missed) == ("netduinoplus2", ["handler/hard"]):
        pytest.xfail("781 of 760 instructions: names of the image that miss MicroPython's lookup cache, 68 each")
    assert missed == []


@pytest.mark.parametrize("name", interrupts.BOARDS)
def test_no_interrupt_of_a_timer_is_lost_while_the_main_context_collects(name: str) -> None:
    storm = interrupts.run(load_board(name), INTERRUPTS, print)
    assert storm.interrupts >= INTERRUPTS
    assert storm.collections > 10
    assert storm.problems() == []


@pytest.mark.parametrize("variant", PREEMPTIONS)
@pytest.mark.parametrize("name", preemption.BOARDS)
def test_counters_of_handlers_that_preempt_each_other_add_up(name: str, variant: str) -> None:
    total = preemption.run(load_board(name), variant, PREEMPTIONS[variant], print)
    assert total.nested >= PREEMPTIONS[variant]
    assert total.problems() == []


def test_counters_without_their_locks_do_not_add_up() -> None:
    """So the runs with them show something."""
    total = preemption.run(load_board(preemption.BOARDS[0]), "unlocked", 2_000, print)
    assert total.taken == total.injected
    assert [problem.partition(":")[0] for problem in total.problems()] == ["shared by all", "shared by the lower two"]


def test_a_lost_interrupt_shows() -> None:
    storm = interrupts.Storm(10, 50, 50, (1, 1, 1, 0), (1, 1, 1, 0), 1, 1, 0, 1.0)
    assert storm.problems() == ["an interrupt was 50 counts off a beat of 50: lost 1"]
    assert replace(storm, off_beat=1, hard=(2, 2, 1, 0)).problems() == [
        "hard handler: 2 interrupts, counted [2, 1], 0 exceptions"
    ]
    assert replace(storm, off_beat=1, corrupt=1).problems() == ["1 objects of the main context are not as it left them"]


def test_a_board_whose_lines_the_host_cannot_drive() -> None:
    board = load_board("mps2_an385")
    assert board.emulator
    bare = board.model_copy(update={"emulator": board.emulator.model_copy(update={"nvic": None})})
    with pytest.raises(UsageError, match="does not say where the emulator's interrupt lines are"):
        preemption.run(bare, "native", 1, print)
