"""A channel's words taken by @hot code on the emulated boards, as `take` itself does it."""

import re

import pytest

from host_tools import channel_code, paths
from host_tools.lower import Core, lower
from tests.host_tools.commands import Corten

APP = """\
from corten.channel import Channel, Empty
from corten.hot import hot
import board
from corten.irq import Interrupt
from corten.hard import hard
from corten.ceiling import ceiling

words = Channel.words(4)
others = Channel.words(2)
stolen = Channel.words(2)

@hot
def one() -> int:
    found = words.take()
    return found


@hot
def all_of_them(a: int, b: int, c: int, d: int):
    total = uint(0)
    while words.waiting > 0:
        total += words.take()
        if words.waiting > 1:
            words.take()

    return total + a + b + c + d


@hot
def both(f):
    result = 0
    try:
        with ceiling(1):
            first = words.take()
            second = others.take()
            result = first + second
    except Empty:
        f("caught")

    return result


@hot
def returned():
    return others.take()


@hot
def steal():
    return stolen.take()


target = Channel.words(4)
foreign = Channel.words(2)


@hot
def hot_put(item: uint) -> int:
    done = (target.put(item))
    return done


@hot
def hot_fill(count: int, f):
    for number in range(count):
        try:
            target.put(number)
        except Empty:
            f()


@hot
def hot_foreign():
    foreign.put(7)


def put(*items):
    for item in items:
        if not words.put(item):
            print("refused", words.refused)

put(1, 2, 3, 0xFFFF_FFFF, 5)
print(one(), one(), one(), one(), words.waiting)
try:
    one()
except Empty as error:
    print(repr(error))
for turn in range(5):
    put(turn, 10, 0)
    print(all_of_them(100, 200, 300, 400), words.waiting)
words._state[0] = words._state[1] = 0xFFFF_FFFE
put(7, 8, 9, 10)
print([one() for _ in range(4)], words._state[1])
put(3)
others.put(4)
print(both(print), both(print))
others.put(0)
print(returned())

print(hot_put(0xFFFF_FFFF), hot_put(2), int(target.get()), target.refused)
hot_fill(6, print)
print([target.get() for _ in range(5)], target.refused)
target._state[0] = target._state[1] = 0xFFFF_FFFD
hot_fill(5, print)
print([target.get() for _ in range(5)], target.refused, target._state[0])

def handler():
    steal()

def putter():
    hot_foreign()

line = Interrupt(board.IRQ_COUNT - 1)
stolen.put(1)
stolen.put(2)
print(steal())
found = hard(handler)
line.bind(found)
line.enable()
line.pend()
print(found.errors, found.last_error, stolen.waiting)
line.unbind()
hot_foreign()
found = hard(putter)
line.bind(found)
line.enable()
line.pend()
print(found.errors, found.last_error, foreign.waiting)
"""
PRINTED = """\
refused 1
1 2 3 4294967295 0
Empty('the channel is empty',)
1000 0
1001 0
1002 0
1003 0
1004 0
[7, 8, 9, 10] 2
caught
7 0
0
1 1 4294967295 0
[2, 0, 1, 2, None] 3
[0, 1, 2, 3, None] 4 1
1
1 another context takes out of this channel 1
1 another context puts into this channel 1
"""


@pytest.mark.parametrize("board", ["mps2_an385", "netduinoplus2", "rpi_pico"])
def test_words_are_taken_as_the_channel_does_it(corten: Corten, board: str) -> None:
    corten.write("takes.py", APP)
    assert corten("run", "takes.py", "--board", board).out.replace("\r", "") == PRINTED


def test_they_are_taken_as_unlowered(corten: Corten) -> None:
    corten.write(
        "plain.py",
        APP.replace("@hot\n", "\n").replace("uint(0)", "0").replace("done =", "done = int").replace(": uint", ""),
    )
    assert corten("run", "plain.py").out.replace("\r", "") == PRINTED


def test_the_code_knows_the_state_of_a_channel() -> None:
    text = (paths.firmware_dir() / "corten" / "channel_code.py").read_text(encoding="utf-8")
    found = {name: int(value) for name, value in re.findall(r"^([A-Z]+) = const\((\d+)\)", text, re.MULTILINE)}
    assert [found[name] for name in ("HEAD", "TAIL", "MASK", "ADDRESS")] == [0, 1, 2, 3]
    assert found["CONSUMER"] == channel_code.CONSUMER


def test_a_take_in_an_expression_is_kept() -> None:
    source = (
        "from corten.channel import Channel\nfrom corten.hot import hot\nwords = Channel.words(4)\n"
        "@hot\ndef f():\n    return words.take() + 1\n\n"
    )
    made = lower({"main.py": source}, core=Core(3))["main.py"]
    assert [note.reason for note in made.notes] == ["it is part of an expression; assign it to a name first"]
    assert "uint(words.take()) + 1" in made.text
