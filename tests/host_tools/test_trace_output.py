"""A timeline as trace-event JSON and as a page: what the format asks for, and that nothing is fetched."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from host_tools.trace.page import page
from host_tools.trace.perfetto import trace_events
from tests.host_tools.test_trace_timeline import NESTED
from tests.host_tools.traces import Happening, made, made_at_random


def check_format(data: dict[str, Any]) -> None:
    """The rules of the trace-event format for the phases that are used."""
    before = 0.0
    open_spans: dict[tuple[int, int], list[str]] = {}
    for event in data["traceEvents"]:
        assert isinstance(event["name"], str)
        assert event["pid"] == 1
        if event["ph"] == "M":
            assert event["name"] in ("process_name", "thread_name", "thread_sort_index")
            assert event["args"]
            continue
        assert event["ts"] >= before, "times go back"
        before = event["ts"]
        if event["ph"] == "C":
            assert all(isinstance(value, int) for value in event["args"].values())
            continue
        track = open_spans.setdefault((event["pid"], event["tid"]), [])
        if event["ph"] == "B":
            track.append(event["name"])
        elif event["ph"] == "E":
            assert track[-1:] == [event["name"]], "an end of what did not begin last"
            track.pop()
        else:
            assert (event["ph"], event["s"]) == ("i", "t")
    assert not any(open_spans.values()), "a begin without an end"


def test_json_keeps_the_rules_and_names_the_tracks() -> None:
    data = json.loads(json.dumps(trace_events(made(NESTED, last=100), "app")))
    check_format(data)
    names = {event["tid"]: event["args"]["name"] for event in data["traceEvents"] if event["name"] == "thread_name"}
    assert names == {25: "fast (priority 3)", 24: "slow: work (priority 2)", 0: "main"}
    order = {
        event["tid"]: event["args"]["sort_index"]
        for event in data["traceEvents"]
        if event["name"] == "thread_sort_index"
    }
    assert order == {25: 0, 24: 1, 0: 2}
    masked = [(event["ts"], event["args"]["priority"]) for event in data["traceEvents"] if event["ph"] == "C"]
    assert masked == [(10, 8), (14, 0)]
    assert data["otherData"]["events"] == len(NESTED)


def test_spans_of_no_length_keep_their_order() -> None:
    events: list[Happening] = [
        (5, "enter", 0, 24), (5, "lock", 3, 24), (5, "unlock", 3, 24), (5, "exit", 0, 24), (5, "enter", 0, 24),
        (5, "exit", 0, 24),
    ]  # fmt: skip
    check_format(trace_events(made(events), "app"))


@pytest.mark.parametrize("seed", range(200))
def test_json_keeps_the_rules_whatever_was_lost(seed: int) -> None:
    check_format(trace_events(made_at_random(seed), "app"))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.scripts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script" and data.strip():
            self.scripts.append(data)


def test_page_needs_nothing_else_and_holds_the_data() -> None:
    text = page(made(NESTED, last=100), "app")
    parsed = _Page()
    parsed.feed(text)
    assert parsed.fetched == []
    assert not re.search(r"https?://|@import|url\(|fetch\(|import\(", text)
    data = json.loads(parsed.scripts[0])
    assert data["names"] == ["critical", "fast", "here", "idle", "slow", "work"]
    assert [track["name"] for track in data["tracks"]] == ["fast", "slow", "main"]
    assert data["spans"][1] == [1, 0, 1, 4, 20, 42, 17, 0, 0]
    assert "{{" not in text


def test_page_survives_names_that_look_like_markup() -> None:
    name = "</script><b>&{{data}}"
    text = page(made(NESTED, marks={"1": name}), "<i>")
    parsed = _Page()
    parsed.feed(text)
    assert name in json.loads(parsed.scripts[0])["names"]
    assert "<i>" not in text
    assert text.count("</script>") == 2
