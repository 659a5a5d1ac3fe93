"""A timeline as Chrome's trace-event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing open.

The format: "Trace Event Format", Google, 2016. A track is a thread: one for each interrupt, the most urgent on top, and
one for the main context. Times are microseconds. Each B has its E on its track, innermost first, and times
never go back.
"""

from typing import Any

from host_tools.trace.summary import summary
from host_tools.trace.timeline import MAIN, Timeline

Entry = tuple[tuple[int, int, int], dict[str, Any]]
"""An event, and what sorts it."""

_PROCESS = 1
_COUNTER = "masked up to priority"


def trace_events(timeline: Timeline, app: str) -> dict[str, Any]:
    """The JSON's outermost object."""
    timed = sorted([*_spans(timeline), *_marks(timeline)], key=lambda entry: entry[0])
    counters = [
        (timeline.microseconds(time), {"name": _COUNTER, "ph": "C", "args": {"priority": level}})
        for time, level in timeline.masked
    ]
    events = [(event["ts"], event) for _, event in timed] + [
        (time, {**event, "ts": time, "pid": _PROCESS}) for time, event in counters
    ]
    events.sort(key=lambda entry: entry[0])
    return {
        "traceEvents": [*_tracks(timeline, app), *(event for _, event in events)],
        "displayTimeUnit": "ns",
        "otherData": summary(timeline),
    }


def _tracks(timeline: Timeline, app: str) -> list[dict[str, Any]]:
    board = timeline.recording.board
    found = [_metadata("process_name", MAIN, {"name": f"{app} on {board}"})]
    for index, context in enumerate(timeline.contexts):
        name = timeline.title(context)
        found.append(_metadata("thread_name", context, {"name": name}))
        found.append(_metadata("thread_sort_index", context, {"sort_index": index}))
    return found


def _metadata(name: str, context: int, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "ph": "M", "pid": _PROCESS, "tid": context, "args": arguments}


def _spans(timeline: Timeline) -> list[Entry]:
    """Begins and ends, each with what sorts it among those of the same time."""
    found: list[Entry] = []
    for span in timeline.spans:
        track = {"pid": _PROCESS, "tid": span.context}
        arguments: dict[str, Any] = {"own_us": timeline.microseconds(span.own)}
        if span.level:
            arguments["masks up to priority"] = span.level
        if span.cut:
            arguments["cut"] = True
        begin = {
            "name": span.name, "cat": span.kind, "ph": "B", "ts": timeline.microseconds(span.begin), "args": arguments,
        }  # fmt: skip
        end = {"name": span.name, "cat": span.kind, "ph": "E", "ts": timeline.microseconds(span.end)}
        found.append(((span.begin, span.order, span.depth), {**begin, **track}))
        found.append(((span.end, span.end_order, -span.depth), {**end, **track}))
    return found


def _marks(timeline: Timeline) -> list[Entry]:
    return [
        (
            (mark.time, mark.order, 0),
            {
                "name": mark.name, "cat": "mark", "ph": "i", "s": "t", "ts": timeline.microseconds(mark.time),
                "pid": _PROCESS, "tid": mark.context,
            },
        )
        for mark in timeline.marks
    ]  # fmt: skip
