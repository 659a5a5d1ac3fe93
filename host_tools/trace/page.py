"""A timeline as one HTML file that needs nothing else: page.html with page.css, draw.js, page.js and the data in it."""

import json
from importlib.resources import files
from typing import Any

from host_tools.trace.summary import summary
from host_tools.trace.timeline import IDLE, MAIN, Timeline

_PARTS = files("host_tools.trace")


def page(timeline: Timeline, app: str) -> str:
    """The file's text."""
    text = _part("page.html")
    data = json.dumps(_data(timeline, app), separators=(",", ":")).replace("<", "\\u003c")
    for mark, content in (
        ("{{title}}", _escaped(f"{app} on {timeline.recording.board}")),
        ("/*{{style}}*/", _part("page.css")),
        ("/*{{program}}*/", _part("draw.js") + _part("page.js")),
        ("/*{{data}}*/", data),
    ):
        text = text.replace(mark, content, 1)
    return text


def _data(timeline: Timeline, app: str) -> dict[str, Any]:
    """Columns of numbers, in microseconds with the clock's resolution; names by their index."""
    contexts = timeline.contexts
    row_of = {context: index for index, context in enumerate(contexts)}
    names = sorted({span.name for span in timeline.spans} | {mark.name for mark in timeline.marks})
    name_of = {name: index for index, name in enumerate(names)}
    kinds = ["task", "interrupt", "lock", "idle"]
    us = timeline.microseconds
    return {
        "app": app,
        "summary": summary(timeline),
        "tracks": [
            {
                "name": timeline.name(context),
                "handler": timeline.recording.handlers.get(context, ""),
                "priority": timeline.priority(context),
                "main": context == MAIN,
            }
            for context in contexts
        ],
        "names": names,
        "kinds": kinds,
        "spans": [
            [
                row_of[span.context], span.depth, kinds.index(span.kind), name_of[span.name], us(span.begin),
                us(span.end), us(span.own), span.level, int(span.cut),
            ]
            for span in timeline.spans
        ],
        "marks": [[row_of[mark.context], name_of[mark.name], us(mark.time)] for mark in timeline.marks],
        "runs": [
            [us(begin), us(end), -1 if context == IDLE else row_of[context]] for begin, end, context in timeline.runs
        ],
        "masked": [[us(time), level] for time, level in timeline.masked],
        "priorities": timeline.recording.priorities,
    }  # fmt: skip


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
