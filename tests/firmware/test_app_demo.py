"""The demo's answers, with a UART of lines in place of the hardware."""

from contextlib import nullcontext

import pytest

import main
from main import LONGEST_LINE, Demo


class Led:
    def __init__(self):
        self.lit = 0

    def toggle(self):
        self.lit ^= 1

    def on(self):
        self.lit = 1

    def off(self):
        self.lit = 0

    def value(self):
        return self.lit


class Timer:
    def __init__(self):
        self.acknowledged = 0

    def acknowledge(self):
        self.acknowledged += 1


class Uart:
    received, sent, dropped, overruns = 10, 20, 1, 2

    def __init__(self):
        self.lines = []

    def readline(self, timeout_ms):
        return self.lines.pop(0) if self.lines else None


class Owned:
    def __init__(self, handle):
        self.handle = handle

    def into_output(self, owner):
        return self.handle

    def open(self, *arguments, owner, **options):
        return self.handle


class Unlocked:
    """A shared value without its lock, which is machine code."""

    def __init__(self, value):
        self.value = value

    def lock(self):
        return nullcontext(self)


@pytest.fixture
def beat(monkeypatch):
    made = main.Beat(Owned(Led()), Owned(Timer()))
    monkeypatch.setattr(main, "beat", Unlocked(made))
    return made


@pytest.fixture
def demo(beat):
    return Demo(Owned(Uart()))


def test_ping(demo):
    assert demo.answer(b"ping") == "pong"


def test_led(demo, beat):
    for line, lit, blinks in ((b"led on", 1, False), (b"led off", 0, False), (b"led blink", 0, True)):
        assert demo.answer(line) == "ok"
        assert (beat.led.lit, beat.blinks) == (lit, blinks)


def test_a_tick_blinks_only_when_asked_to(demo, beat):
    beat.tick()
    assert beat.led.lit == 1
    demo.answer(b"led on")
    beat.tick()
    assert (beat.led.lit, beat.ticks, beat.timer.acknowledged) == (1, 2, 2)


def test_stats_are_whole_numbers(demo, beat):
    beat.ticks = 7
    stats = dict(pair.split("=") for pair in demo.answer(b"stats").split())
    assert {key: int(value) for key, value in stats.items()} == {
        "uptime_ms": int(stats["uptime_ms"]), "ticks": 7, "led": 0, "rx": 10, "tx": 20, "dropped": 1, "overruns": 2,
        "overlong": 0, "unsent": 0,
    }  # fmt: skip


@pytest.mark.parametrize("line", [b"pong", b"PING", b"led", b"\xff\xfe", b"x" * LONGEST_LINE])
def test_unknown(demo, line):
    answer = demo.answer(line)
    assert answer.startswith("error: unknown command '")
    assert "ping" in answer
    assert answer.isascii()


def test_overlong_lines_are_counted(demo):
    assert demo.answer(b"x" * (LONGEST_LINE + 1)).startswith("error: the line is longer")
    assert demo.answer(b"ping") == "pong"
    assert demo.overlong == 1


@pytest.mark.parametrize(
    ("pieces", "line"),
    [
        ([b"ping\n"], b"ping"),
        ([b"ping\r\n"], b"ping"),
        ([b"\n"], b""),
        ([], b""),
        ([b"x" * 1024, b"x" * 1024, b"yz\n"], b"x" * LONGEST_LINE + b"yz"),
    ],
)
def test_next_line(demo, pieces, line):
    demo.uart.lines = [*pieces, b"next\n"] if pieces else []
    assert demo.next_line() == line
    assert demo.next_line() == (b"next" if pieces else b"")
