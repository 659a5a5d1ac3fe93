"""The demo's answers, with a UART of lines in place of the hardware."""

import pytest
from main import LONGEST_LINE, Demo


class Led:
    address = 0x4002_8000
    mask = 1

    def __init__(self):
        self.lit = 0

    def on(self):
        self.lit = 1

    def off(self):
        self.lit = 0

    def value(self):
        return self.lit


class Timer:
    ticks = 7

    def on_tick(self, target_address=None, xor_mask=0):
        self.target = target_address, xor_mask


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


@pytest.fixture
def demo():
    return Demo(Owned(Led()), Owned(Timer()), Owned(Uart()))


def test_ping(demo):
    assert demo.answer(b"ping") == "pong"


def test_led(demo):
    assert demo.answer(b"led on") == "ok"
    assert (demo.led.lit, demo.timer.target) == (1, (None, 0))
    assert demo.answer(b"led off") == "ok"
    assert (demo.led.lit, demo.timer.target) == (0, (None, 0))
    assert demo.answer(b"led blink") == "ok"
    assert demo.timer.target == (0x4002_8000, 1)


def test_stats_are_whole_numbers(demo):
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
