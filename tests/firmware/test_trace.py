"""The ring as the host and the program read it: order, what was overwritten, and a dump that the host understands."""

import struct
from array import array

import pytest

from corten import recorder, trace
from host_tools.trace.recording import parse

EVENTS = 8


class Recorded:
    """What a recording leaves: `written` events, of which the ring holds the newest."""

    address, hz, clock_mask, first, last = 0x4000, 1_000_000, 0xFFFF_FFFF, 0, 1_000

    def __init__(self, written):
        self.handlers, self.calls = {}, {}
        self.ring = bytearray(EVENTS * recorder.EVENT_BYTES)
        self.state = array("I", [0] * recorder.STATE_WORDS)
        self.state[recorder.HEAD] = written * recorder.EVENT_BYTES
        for number in range(written):
            at = number % EVENTS * recorder.EVENT_BYTES
            struct.pack_into("<II", self.ring, at, 10 * number, recorder.word(recorder.MARK, number))


@pytest.fixture
def record(monkeypatch):
    monkeypatch.setattr(trace, "named", lambda: ({}, {}))
    monkeypatch.setattr(trace.board, "NAME", "board", raising=False)
    monkeypatch.setattr(trace.board, "PRIORITIES", 8, raising=False)
    return lambda written: monkeypatch.setattr(trace, "_recording", Recorded(written))


@pytest.mark.parametrize("written", [0, 1, EVENTS - 1, EVENTS, EVENTS + 1, 3 * EVENTS, 3 * EVENTS + 5])
def test_oldest_first_and_the_rest_counted(record, written):
    record(written)
    kept = min(written, EVENTS)
    assert (trace.recorded(), trace.overwritten()) == (written, written - kept)
    wanted = [(10 * number, recorder.MARK, number, 0) for number in range(written - kept, written)]
    assert trace.read() == wanted
    for index in (-1, kept):
        with pytest.raises(IndexError):
            trace.event(index)


@pytest.mark.parametrize("written", [0, 3, EVENTS, 2 * EVENTS + 3])
def test_host_reads_the_dump(record, capsys, written):
    record(written)
    trace.dump()
    found = parse(capsys.readouterr().out)
    kept = min(written, EVENTS)
    assert [(event.kind, event.number) for event in found.events] == [
        ("mark", number) for number in range(written - kept, written)
    ]
    assert (found.overwritten, found.hz) == (written - kept, 1_000_000)


def test_kinds_are_named_in_their_order():
    names = recorder.KINDS.split(",")
    assert len(names) <= 16
    for kind in ("ENTER", "EXIT", "BEGIN", "END", "LOCK", "UNLOCK", "SLEEP", "WAKE", "MARK", "CALL", "RETURN"):
        assert names[getattr(recorder, kind)] == kind.lower()
    for kind in ("SHARE", "UNSHARE", "RUN", "DONE"):
        assert names[getattr(recorder, kind)] == kind.lower()


def test_nothing_recorded(monkeypatch):
    monkeypatch.setattr(trace, "_recording", None)
    assert (trace.recorded(), trace.overwritten(), trace.read()) == (0, 0, [])
    with pytest.raises(RuntimeError, match="nothing was recorded"):
        trace.dump()
