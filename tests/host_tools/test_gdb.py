"""corten gdb on emulated boards: Python's frames through machine code and interrupts, and faults."""

import json
import re
from typing import Any

import pytest

from tests.host_tools.commands import Corten

APP = """\
import machine
import micropython
import board
from corten.hard import hard
from corten.irq import Interrupt

class Meter:
    def read(self, number):
        return sorted([3, 1, 2], key=lambda each: outer(each + number))

def outer(value):
    first = value + 1
    return middle(first)

@micropython.native
def middle(value):
    return inner(value)

def inner(value):
    count = value * 2
    return count

def handle():
    in_handler()

def in_handler():
    pass

def poke():
    machine.mem32[0xF000_0000] = 1

line = Interrupt(board.IRQ_COUNT - 1)
handler = hard(handle)
line.bind(handler)
line.enable()
line.pend()
Meter().read(5)
poke()
"""
OUTSIDE = [("main.py", 9, "read"), ("main.py", 37, "<module>")]
BOARDS = ["mps2_an385", "netduinoplus2", "musca_b1", "rpi_pico"]


def stopped(corten: Corten, board: str, *arguments: str) -> dict[str, Any]:
    corten.write("main.py", APP)
    ended = corten("gdb", "main.py", "--board", board, "--batch", "--json", *arguments)
    assert ended.status == 0, ended.err + ended.out
    found = json.loads(ended.out)
    assert isinstance(found, dict)
    return found


def frames(found: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    return [(each["file"], each["line"], each["function"]) for each in found["frames"]]


@pytest.mark.parametrize("board", BOARDS)
def test_python_frames_through_native_code(corten: Corten, board: str) -> None:
    expected = [("main.py", 13, "outer"), ("main.py", 9, "<lambda>"), *OUTSIDE]
    assert frames(stopped(corten, board, "--break", "main.py:20")) == [
        ("main.py", 20, "inner"),
        ("main.py", None, "middle"),
        *expected,
    ]
    assert frames(stopped(corten, board, "--break", "inner")) == [
        ("main.py", 20, "inner"),
        ("main.py", None, "middle"),
        *expected,
    ]
    assert frames(stopped(corten, board, "--break", "middle")) == [("main.py", None, "middle"), *expected]


@pytest.mark.parametrize("board", BOARDS)
def test_python_frames_in_an_interrupt(corten: Corten, board: str) -> None:
    found = stopped(corten, board, "--break", "in_handler")
    names = [(function, line) for _, line, function in frames(found)]
    assert names[:2] == [("in_handler", 27), ("handle", 24)]
    assert names[-2:] == [("pend", names[-2][1]), ("<module>", 36)]
    assert ("_pend", None) in names
    assert re.search(r"-- exception \d+ interrupted --", found["output"])


def test_fault_shows_what_it_stacked(corten: Corten) -> None:
    found = stopped(corten, "mps2_an385")
    assert frames(found)[:2] == [("main.py", 30, "poke"), ("main.py", 38, "<module>")]
    assert re.search(r"^exception 5$", found["output"], re.MULTILINE)
    assert "a precise bus error" in found["output"]
    assert "BFAR 0xf0000000" in found["output"]
    assert re.search(r"^  pc +0x[0-9a-f]{8}$", found["output"], re.MULTILINE)


def test_fault_of_a_core_without_fault_registers(corten: Corten) -> None:
    found = stopped(corten, "rpi_pico")
    assert frames(found)[:2] == [("main.py", 30, "poke"), ("main.py", 38, "<module>")]
    assert re.search(r"^exception 3$", found["output"], re.MULTILINE)
    assert "at machine_mem_subscr" in found["output"]
    assert re.search(r"^  0x[0-9a-f]+ <machine_mem_subscr\+\d+>: +str\b", found["output"], re.MULTILINE)
    assert "Armv6-M has no registers that say why" in found["output"]


def test_functions_of_c_and_other_commands(corten: Corten) -> None:
    found = stopped(corten, "mps2_an385", "--break", "mp_builtin_sorted", "--command", "py-backtrace all")
    assert frames(found)[:2] == OUTSIDE
    assert re.search(r"^#\d+ +mp_builtin_sorted  \[C\]$", found["output"], re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--break", "no_such"), 2, "there is no 'no_such' in the image"),
        (("--break", "main.py:32", "--batch", "--timeout", "0.01"), 3, "it did not stop within 0.01 s"),
        (("--json",), 2, "a debugger at the keyboard is for people"),
        (("--probe", "openocd", "--batch"), 2, "mps2_an385 has no [flash.openocd]"),
        (("--remote", "127.0.0.1:1", "--batch"), 1, "gdb: "),
    ],
)
def test_what_cannot_be_debugged(corten: Corten, arguments: tuple[str, ...], status: int, message: str) -> None:
    corten.write("main.py", APP)
    ended = corten("gdb", "main.py", *arguments)
    assert ended.status == status
    assert message in ended.error
    assert "fix:" in ended.error


def test_without_a_debugger(corten: Corten) -> None:
    ended = corten("gdb", env={"PATH": "/nowhere"})
    assert ended.status == 2
    assert ended.error == "corten: gdb-multiarch is not installed\n  fix: corten doctor --fix --gdb"
