"""The node's server and its banks on the host, against the oracle that is made of pymodbus's classes."""

import sys
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corten.wire import modbus_rtu as rtu
from corten.wire.crc import append_crc16
from host_tools.modbus import requests
from host_tools.modbus.layout import FIGURES, OWN, RATES, UART_FIGURES
from host_tools.modbus.oracle import Oracle

NODE = Path(__file__).parents[2] / "firmware" / "apps" / "modbus_node"
ADDRESS = 1
SETTINGS = (ADDRESS, 192, 0, 1)
ALLOWED = [range(1, 248), RATES, (0,), (1,)]


@pytest.fixture
def layout(monkeypatch):
    monkeypatch.syspath_prepend(str(NODE))
    for name in ("layout", "server", "banks", "bits", "counts"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import layout

    return layout


class Pin:
    def __init__(self, level=0):
        self.level = level

    def on(self):
        self.level = 1

    def off(self):
        self.level = 0

    def value(self):
        return self.level


class Broken(Pin):
    def on(self):
        raise OSError("the expander does not answer")

    value = off = on


def made(layout, outputs=None):
    zero = (array("I", [0]), 0)
    found = layout.Layout(outputs or [Pin(), Pin()], [Pin(), Pin()], list(SETTINGS), ALLOWED[1:], zero, zero)
    found.uart.sources = [zero] * len(UART_FIGURES)
    return found


def ask(server, frame, is_too_quiet=False):
    buffer = bytearray(rtu.LONGEST)
    buffer[: len(frame)] = frame[: rtu.LONGEST]
    size = server.take(buffer, len(frame), is_too_quiet)
    return bytes(server.reply[:size])


def request(*data):
    frame = bytearray(bytes(data) + b"\0\0")
    append_crc16(frame, len(data))
    return bytes(frame)


def is_of_the_uart(frame):
    """Its figures are those of a UART that is not there."""
    return frame[1] == rtu.READ_INPUT_REGISTERS and int.from_bytes(frame[2:4], "big") >= OWN


@pytest.mark.parametrize("kind", [requests.valid, requests.mutated])
def test_answers_are_those_of_pymodbus(layout, kind):
    server = made(layout).server
    oracle = Oracle(2, 2, list(SETTINGS), tuple(ALLOWED))

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(requests.bursts(kind(SETTINGS, ADDRESS)))
    def compare(frames):
        for frame in frames:
            if not oracle.would_move(frame) and not (len(frame) > 4 and is_of_the_uart(frame)):
                expected = oracle.answer(frame)
                got = ask(server, frame)
                assert expected.matches(got), (frame.hex(), got.hex(), expected.data.hex())

    compare()
    counted = dict(zip(FIGURES[2:12], server.counters, strict=False))
    assert counted == {name: oracle.counts[name] for name in counted}


def test_what_is_dropped_is_counted_by_its_reason(layout):
    server = made(layout).server
    good = request(ADDRESS, 1, 0, 0, 0, 1)
    cases = (
        (good[:3], False, "short"),
        (good + bytes(300), False, "long"),
        (good, True, "quiet_inside"),
        (good[:-1] + b"\0", False, "bad_crc"),
        (request(ADDRESS + 1, 1, 0, 0, 0, 1), False, "addressed_to_others"),
    )
    for number, (frame, is_too_quiet, name) in enumerate(cases, 1):
        assert ask(server, frame, is_too_quiet) == b""
        counted = dict(zip(FIGURES[2:12], server.counters, strict=False))
        assert (counted[name], counted["frames"], counted["answers"]) == (1, number, 0)
    assert ask(server, good)


def test_broadcast_is_acted_on_and_not_answered(layout):
    pins = [Pin(), Pin()]
    server = made(layout, pins).server
    assert ask(server, request(0, 15, 0, 0, 0, 2, 1, 0b10)) == b""
    assert [pin.level for pin in pins] == [0, 1]
    assert ask(server, request(0, 99)) == b""


def test_pins_are_coils_and_read_back_as_inputs(layout):
    pins = [Pin(), Pin()]
    server = made(layout, pins).server
    assert ask(server, request(ADDRESS, 5, 0, 1, 0xFF, 0)) == request(ADDRESS, 5, 0, 1, 0xFF, 0)
    assert [pin.level for pin in pins] == [0, 1]
    assert ask(server, request(ADDRESS, 2, 0, OWN, 0, 2)) == request(ADDRESS, 2, 1, 0b10)


def test_bank_that_raises_is_exception_4(layout):
    server = made(layout, [Broken()]).server
    for frame in (request(ADDRESS, 1, 0, 0, 0, 1), request(ADDRESS, 5, 0, 0, 0xFF, 0)):
        assert ask(server, frame) == request(ADDRESS, frame[1] | 0x80, 4)
    assert dict(zip(FIGURES[2:12], server.counters, strict=False))["failures"] == 2


def test_nothing_is_written_unless_all_can_be(layout):
    found = made(layout)
    before = list(found.settings.values)
    assert ask(found.server, request(ADDRESS, 16, 0, 0, 0, 2, 4, 0, 7, 0, 1)) == request(ADDRESS, 0x90, 3)
    unread = request(ADDRESS, 23, 0xFF, 0xF0, 0, 1, 0, OWN, 0, 1, 2, 5, 5)
    assert ask(found.server, unread) == request(ADDRESS, 0x97, 2)
    assert found.settings.values == before
    assert found.settings.written == 0
    assert ask(found.server, request(ADDRESS, 3, 0, OWN, 0, 1)) == request(ADDRESS, 3, 2, 0, 0)


_BUFFERS = st.binary(min_size=60, max_size=60)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 40), st.integers(0, 40), _BUFFERS, _BUFFERS)
def test_bits_are_copied_and_others_stay(count, first, second, source, target):
    sys.path.insert(0, str(NODE))
    try:
        from bits import copy_bits
    finally:
        sys.path.remove(str(NODE))

    def bits(data):
        return [data[at >> 3] >> (at & 7) & 1 for at in range(8 * len(data))]

    changed = bytearray(target)
    copy_bits(source, first, changed, second, count)
    expected = bits(target)
    expected[second : second + count] = bits(source)[first : first + count]
    assert bits(changed) == expected
