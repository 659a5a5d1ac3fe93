"""A console's bytes taken apart: lines, log lines and framed ones, in any portions and any garbage."""

import random
import struct

import pytest

from host_tools.logs import Format
from host_tools.monitor.said import Said
from host_tools.monitor.splitter import Splitter
from host_tools.monitor.table import Table
from host_tools.wire import frame, log_record

FORMATS = {
    7: Format(7, "debug", "uart", "rx %d", "main.py", 3),
    8: Format(8, "info", "app", "100 %", "main.py", 4),
    9: Format(9, "error", "app", "%s is %.1f", "main.py", 5),
}


def record(number: int, *arguments: bytes, stamp_us: int = 1_500_000) -> bytes:
    return struct.pack("<IH", stamp_us, number) + b"".join(arguments)


def integer(value: int) -> bytes:
    return struct.pack("<BI", log_record.POSITIVE, value)


def framed(encoder: frame.Encoder, data: bytes) -> bytes:
    size = encoder.encode(bytearray(data), len(data))
    return b"\0" + bytes(encoder.buffer[:size])


@pytest.fixture
def encoder() -> frame.Encoder:
    return frame.Encoder(log_record.longest(log_record.LONG))


@pytest.fixture
def splitter() -> Splitter:
    return Splitter(Table(FORMATS))


def counts(splitter: Splitter) -> tuple[int, int, int]:
    return splitter.lost, splitter.bad, splitter.garbage


def test_log_lines_among_others(splitter: Splitter) -> None:
    text = b"MicroPython\r\n[   12.345] info uart: open: 5\r\n[1.2] info x: y\r\n[99999.001] error a.b: \r\n>>> "
    assert [*splitter.take(text), *splitter.pause()] == [
        Said("MicroPython"),
        Said("open: 5", "info", "uart", 12.345),
        Said("[1.2] info x: y"),
        Said("", "error", "a.b", 99999.001),
        Said(">>> ", is_whole=False),
    ]
    assert list(splitter.pause()) == []


def test_frames_among_text_in_any_portions(encoder: frame.Encoder) -> None:
    text = struct.pack("<BB3s", log_record.TEXT, 3, b"oil") + struct.pack("<Bf", log_record.FLOAT, 21.5)
    stream = b"one\r\n" + framed(encoder, record(7, integer(5))) + b"tw" + framed(encoder, record(8)) + b"o\r\n"
    stream += framed(encoder, record(9, text)) + framed(encoder, record(10, integer(1)))
    expected = [
        Said("one"),
        Said("rx 5", "debug", "uart", 1.5, "main.py:3"),
        Said("100 %", "info", "app", 1.5, "main.py:4"),
        Said("two"),
        Said("oil is 21.5", "error", "app", 1.5, "main.py:5"),
        Said("framed line 0x000a, of which there is no text: [1]", device_s=1.5),
    ]
    for size in (1, 2, 3, 7, 1000):
        splitter = Splitter(Table(FORMATS))
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [said for piece in pieces for said in splitter.take(piece)] == expected
        assert counts(splitter) == (0, 0, 0)


def test_what_is_lost_or_damaged_is_counted(splitter: Splitter, encoder: frame.Encoder) -> None:
    frames = [framed(encoder, record(7, integer(number))) for number in range(10)]
    damaged = frames[6][:5] + bytes([frames[6][5] ^ 0x40]) + frames[6][6:]
    stream = b"".join([*frames[2:4], *frames[5:6], damaged, b"text\n", *frames[7:]])
    lines = list(splitter.take(stream))
    assert [said.text for said in lines if said.level] == [f"rx {number}" for number in (2, 3, 5, 7, 8, 9)]
    assert (splitter.lost, splitter.bad) == (2, 1)  # the first two were before it began to listen
    assert lines[-4].text.endswith("text")


def test_target_that_begins_anew(splitter: Splitter) -> None:
    def once(stamp_us: int) -> bytes:
        return framed(frame.Encoder(64), record(8, stamp_us=stamp_us))

    lines = list(splitter.take(once(5_000_000) + once(1_000_000) + b"MPY: soft reboot\r\n" + once(2_000_000)))
    assert [said.device_s for said in lines] == [5.0, 1.0, None, 2.0]
    assert counts(splitter) == (0, 0, 0)


def test_clock_that_wraps(splitter: Splitter, encoder: frame.Encoder) -> None:
    stamps = [(1 << 30) - 1000, 500, 600]
    lines = list(splitter.take(b"".join(framed(encoder, record(8, stamp_us=stamp)) for stamp in stamps)))
    assert [said.device_s for said in lines] == [1073.740824, 1073.742324, 1073.742424]


def test_garbage_is_text_and_frames_are_found_behind_it(encoder: frame.Encoder) -> None:
    choose = random.Random(1)
    for _ in range(200):
        splitter = Splitter(Table(FORMATS))
        noise = bytes(choose.randrange(256) for _ in range(choose.randrange(1, 400)))
        sent = framed(encoder, record(7, integer(1))) + framed(encoder, record(7, integer(2)))
        lines = list(splitter.take(noise + sent))
        assert [said.text for said in lines if said.level] == ["rx 1", "rx 2"], noise


def test_zero_that_begins_no_frame_holds_text_back_for_a_pause_only(splitter: Splitter) -> None:
    assert list(splitter.take(b"\0boot: \n")) == []
    assert list(splitter.pause()) == [Said("boot: ")]
    assert [said.text for said in splitter.take(b"\0" + b"x" * 400 + b"\n")] == ["x" * 400]
    assert splitter.bad == 2


def test_endless_line_is_shown_in_pieces(splitter: Splitter) -> None:
    lines = list(splitter.take(b"x" * 10_000))
    assert [len(said.text) for said in lines] == [4096, 4096]
    assert not any(said.is_whole for said in lines)
