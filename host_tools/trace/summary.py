"""A timeline in figures: how often, how long in all and at worst, and which share of the time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from host_tools.trace.timeline import IDLE, MAIN, Span, Timeline

KINDS = ("task", "interrupt", "lock", "idle")


@dataclass(frozen=True)
class Row:
    """The spans of one name in one context. Times in microseconds; `own_us` is without what interrupted them."""

    kind: str
    name: str
    context: str
    priority: int
    count: int
    total_us: float
    own_us: float
    worst_us: float
    share: float


def rows(timeline: Timeline) -> list[Row]:
    """A row for each name in each context, by kind, the longest in all first."""
    groups: dict[tuple[str, str, int], list[Span]] = {}
    for span in timeline.spans:
        groups.setdefault((span.kind, span.name, span.context), []).append(span)
    found = [_row(timeline, *key, spans) for key, spans in groups.items()]
    return sorted(found, key=lambda row: (KINDS.index(row.kind), -row.total_us))


def summary(timeline: Timeline) -> dict[str, Any]:
    """What `corten trace --json` prints."""
    recording = timeline.recording
    idle = sum(end - begin for begin, end, context in timeline.runs if context == IDLE)
    main = sum(end - begin for begin, end, context in timeline.runs if context == MAIN)
    longest, where, masked = _masked(timeline)
    return {
        "board": recording.board,
        "clock_hz": recording.hz,
        "duration_us": timeline.microseconds(recording.length),
        "events": len(recording.events),
        "overwritten": recording.overwritten,
        "idle_share": _share(timeline, idle),
        "main_share": _share(timeline, main),
        "interrupt_share": _share(timeline, recording.length - idle - main),
        "masked_us": timeline.microseconds(masked),
        "longest_masked_us": timeline.microseconds(longest),
        "longest_masked_in": where,
        "rows": [asdict(row) for row in rows(timeline)],
        "marks": dict(Counter(mark.name for mark in timeline.marks)),
    }


def _row(timeline: Timeline, kind: str, name: str, context: int, spans: Iterable[Span]) -> Row:
    lengths = [span.length for span in spans]
    own = sum(span.own for span in spans)
    return Row(
        kind=kind,
        name=name,
        context=timeline.name(context),
        priority=timeline.priority(context),
        count=len(lengths),
        total_us=timeline.microseconds(sum(lengths)),
        own_us=timeline.microseconds(own),
        worst_us=timeline.microseconds(max(lengths)),
        share=_share(timeline, own),
    )


def _masked(timeline: Timeline) -> tuple[int, str | None, int]:
    """The longest time in which some priority was masked without a break, the lock that began it, and all such time."""
    longest, total, begin = 0, 0, None
    where = None
    for time, level in [*timeline.masked, (timeline.recording.length, 0)]:
        if begin is None and level:
            begin = time
        elif begin is not None and not level:
            total += time - begin
            if time - begin > longest:
                longest, where = time - begin, _lock_at(timeline, begin)
            begin = None
    return longest, where, total


def _lock_at(timeline: Timeline, time: int) -> str | None:
    found = [span.name for span in timeline.spans if span.kind == "lock" and span.begin <= time < span.end]
    return found[0] if found else None


def _share(timeline: Timeline, counts: int) -> float:
    length = timeline.recording.length
    return round(counts / length, 6) if length else 0.0
