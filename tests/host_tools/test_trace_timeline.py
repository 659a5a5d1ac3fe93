"""What a target recorded becomes spans: pairs, nesting, names, own time, and what is known when events were lost."""

import pytest

from host_tools.errors import TargetError
from host_tools.trace.recording import parse
from host_tools.trace.summary import rows, summary
from host_tools.trace.timeline import IDLE, MAIN, Span
from tests.host_tools.traces import WORD, Happening, dump, made, made_at_random

NESTED: list[Happening] = [
    (10, "lock", 8, 0), (14, "unlock", 8, 0),
    (20, "enter", 0, 24), (21, "call", 7, 24), (30, "enter", 0, 25), (35, "exit", 0, 25), (40, "return", 7, 24),
    (42, "exit", 0, 24), (50, "sleep", 0, 0), (90, "wake", 0, 0), (95, "mark", 1, 0),
]  # fmt: skip


def brief(span: Span) -> tuple[str, int, int, int, bool]:
    return span.name, span.begin, span.end, span.depth, span.cut


def test_pairs_nest_and_have_names() -> None:
    found = made(NESTED, last=100)
    assert [brief(span) for span in found.spans] == [
        ("critical", 10, 14, 0, False),
        ("slow", 20, 42, 0, False),
        ("work", 21, 40, 1, False),
        ("fast", 30, 35, 0, False),
        ("idle", 50, 90, 0, False),
    ]
    assert [(mark.name, mark.time, mark.context) for mark in found.marks] == [("here", 95, MAIN)]
    assert found.contexts == [25, 24, MAIN]


def test_own_time_is_without_what_interrupted() -> None:
    own = {span.name: span.own for span in made(NESTED).spans}
    assert own == {"critical": 4, "slow": 17, "work": 14, "fast": 5, "idle": 40}


def test_runs_tell_who_had_the_processor() -> None:
    assert made(NESTED, last=100).runs == [
        (0, 20, MAIN), (20, 30, 24), (30, 35, 25), (35, 42, 24), (42, 50, MAIN), (50, 90, IDLE), (90, 100, MAIN),
    ]  # fmt: skip


def test_clock_wraps() -> None:
    found = made([(WORD - 4, "enter", 0, 24), (5, "exit", 0, 24)], first=WORD - 9, last=15)
    assert [brief(span) for span in found.spans] == [("slow", 5, 15, 0, False)]
    assert found.recording.length == 25


def test_narrow_clock_wraps_many_times() -> None:
    events: list[Happening] = [(60_000 * turn % 65_536, "mark", 1, 0) for turn in range(1, 50)]
    found = made(events, mask=0xFFFF, last=events[-1][0])
    assert [mark.time for mark in found.marks] == [60_000 * turn for turn in range(1, 50)]


def test_window_begins_with_the_oldest_event_that_is_left() -> None:
    found = made([(500, "exit", 0, 24), (510, "mark", 1, 0)], overwritten=7, recorded=9, first=3, last=520)
    assert [brief(span) for span in found.spans] == [("slow", 0, 0, 0, True)]
    assert found.recording.length == 20


def test_ends_without_begins_were_there_from_the_beginning_and_enclose() -> None:
    found = made(
        [(5, "lock", 2, 24), (8, "unlock", 2, 24), (10, "return", 7, 24), (12, "exit", 0, 24), (20, "end", 3, 0)],
        last=30,
    )
    assert sorted(map(brief, found.spans)) == [
        ("ceiling(2)", 5, 8, 2, False),
        ("own", 0, 20, 0, True),
        ("slow", 0, 12, 0, True),
        ("work", 0, 10, 1, True),
    ]
    assert found.runs == [(0, 12, 24), (12, 30, MAIN)]
    assert {span.name: span.own for span in found.spans} == {"ceiling(2)": 3, "work": 10, "slow": 12, "own": 8}


def test_nested_exits_without_entries() -> None:
    found = made([(5, "exit", 0, 25), (9, "exit", 0, 24)], last=10)
    assert found.runs == [(0, 5, 25), (5, 9, 24), (9, 10, MAIN)]


def test_begins_without_ends_last_to_the_end() -> None:
    found = made([(5, "begin", 3, 0), (7, "enter", 0, 24), (9, "lock", 3, 24)], last=20)
    assert sorted(map(brief, found.spans)) == [
        ("ceiling(3)", 9, 20, 1, True),
        ("own", 5, 20, 0, True),
        ("slow", 7, 20, 0, True),
    ]


def test_what_an_exception_left_open_ends_with_what_is_around_it() -> None:
    found = made([(1, "begin", 3, 0), (2, "lock", 8, 0), (6, "end", 3, 0)], last=9)
    assert [brief(span) for span in found.spans] == [("own", 1, 6, 0, False), ("critical", 2, 6, 1, True)]


def test_lock_of_a_shared_value_has_its_name() -> None:
    found = made([(1, "lock", 3, 0), (2, "share", 5, 0), (6, "unshare", 5, 0), (8, "unlock", 3, 0)])
    assert [(brief(span), span.level) for span in found.spans] == [(("count", 1, 8, 0, False), 3)]
    found = made([(6, "unshare", 5, 0), (8, "unlock", 3, 0)])
    assert [brief(span) for span in found.spans] == [("ceiling(3)", 0, 8, 0, True), ("count", 0, 6, 1, True)]


def test_dispatcher_of_software_tasks_is_left_out() -> None:
    found = made(
        [
            (1, "enter", 0, 24), (2, "call", 7, 24), (3, "run", 9, 24), (5, "done", 9, 24), (6, "run", 9, 24),
            (8, "done", 9, 24), (9, "return", 7, 24), (10, "exit", 0, 24),
        ]
    )  # fmt: skip
    assert [brief(span) for span in found.spans] == [
        ("slow", 1, 10, 0, False), ("app's", 3, 5, 1, False), ("app's", 6, 8, 1, False),
    ]  # fmt: skip


def test_masked_time_is_that_of_the_highest_ceiling_and_not_of_sleep() -> None:
    found = made(
        [
            (0, "lock", 2, 0), (2, "enter", 0, 25), (3, "lock", 8, 25), (5, "unlock", 8, 25), (6, "exit", 0, 25),
            (9, "unlock", 2, 0), (20, "lock", 8, 0), (21, "sleep", 0, 0), (40, "wake", 0, 0), (44, "unlock", 8, 0),
        ],
        last=50,
    )  # fmt: skip
    assert found.masked == [(0, 2), (3, 8), (5, 2), (9, 0), (20, 8), (21, 0), (40, 8), (44, 0)]
    told = summary(found)
    assert (told["longest_masked_us"], told["longest_masked_in"], told["masked_us"]) == (9, "ceiling(2)", 14)


def test_summary_counts() -> None:
    told = summary(made(NESTED, last=100))
    assert (told["duration_us"], told["events"], told["overwritten"]) == (100, 11, 0)
    assert (told["idle_share"], told["main_share"], told["interrupt_share"]) == (0.4, 0.38, 0.22)
    assert told["marks"] == {"here": 1}
    slow = next(row for row in rows(made(NESTED)) if row.name == "slow")
    assert (slow.kind, slow.context, slow.priority, slow.count) == ("interrupt", "slow", 2, 1)
    assert (slow.total_us, slow.own_us, slow.worst_us) == (22, 17, 22)


def test_nothing_recorded() -> None:
    told = summary(made([], last=0))
    assert (told["events"], told["duration_us"], told["rows"]) == (0, 0, [])


@pytest.mark.parametrize(
    "text",
    [
        "", "no trace here\n", '{"corten_trace": 1}\n', dump(NESTED)[:-20], dump(NESTED) + "not base64!\n",
        dump(NESTED, recorded=12),
    ],
)  # fmt: skip
def test_what_is_no_dump_is_refused(text: str) -> None:
    with pytest.raises(TargetError, match="no trace"):
        parse(text)


def test_lines_before_a_dump_are_left_out() -> None:
    assert len(parse("the app's words\r\n" + dump(NESTED)).events) == len(NESTED)


@pytest.mark.parametrize("seed", range(200))
def test_any_sequence_keeps_its_order(seed: int) -> None:
    """Whatever was lost: spans of a context nest, and the time that contexts ran is all the time there was."""
    found = made_at_random(seed)
    length = found.recording.length
    assert all(0 <= span.begin <= span.end <= length for span in found.spans)
    assert all(0 <= span.own <= span.length for span in found.spans)
    assert sum(end - begin for begin, end, _ in found.runs) == length
    for one in found.spans:
        for other in found.spans:
            if one.context == other.context and one.order < other.order:
                nested = other.end_order <= one.end_order or other.order >= one.end_order
                assert nested, (one, other)
