"""corten asm: the code of each kind of function, beside its source and what lowering made of it."""

import json
from typing import Any

import pytest

from tests.host_tools.commands import Corten

APP = '''"""An app."""
import micropython
import board
from corten.critical import critical
from corten.drivers.timer_cmsdk import CmsdkTimer
from corten.hot import hot

timer = CmsdkTimer(board.TIMER0.base)


class Meter:
    def start(self, count):
        timer.RELOAD.write(24_999)
        return [each + 1 for each in range(count)]


@hot
def pulse(count: int):
    for _ in range(count):
        with critical:
            timer.RELOAD.write(5)


@micropython.native
def add(a, b):
    return a + b


@micropython.asm_thumb
def number():
    mov(r0, pc)
    ldr(r0, [r0, 4])
    b(END)
    align(4)
    data(4, 0x12345678)
    label(END)
'''


def listed(corten: Corten, what: str) -> list[dict[str, Any]]:
    corten.write("main.py", APP)
    ended = corten("asm", what, "main.py", "--json")
    assert ended.status == 0, ended.err
    found = json.loads(ended.out)["functions"]
    assert isinstance(found, list)
    return found


def code(function: dict[str, Any]) -> list[str]:
    return [each["text"] for line in function["lines"] for each in line["code"]]


def test_bytecode_beside_its_lines(corten: Corten) -> None:
    (found,) = listed(corten, "Meter.start")
    assert (found["file"], found["function"], found["kind"]) == ("main.py", "Meter.start", "bytecode")
    first, second = found["lines"]
    assert (first["line"], first["source"].strip()) == (13, "timer.RELOAD.write(24_999)")
    assert first["lowered"].strip() == "_mem32[0x4000_0008] = 0x61A7"
    assert [each["text"] for each in first["code"]] == [
        "LOAD_CONST_SMALL_INT 24999",
        "LOAD_GLOBAL _mem32",
        "LOAD_CONST_OBJ 1073741832",
        "STORE_SUBSCR",
    ]
    assert second["lowered"] is None
    assert "MAKE_FUNCTION Meter.start.<listcomp>" in [each["text"] for each in second["code"]]


def test_machine_code(corten: Corten) -> None:
    (pulse,) = listed(corten, "main.py:21")
    assert (pulse["function"], pulse["kind"]) == ("pulse", "viper")
    assert "cpsid i" in code(pulse)  # what the build puts in place of a lock
    assert any(line["lowered"] and "_p0" in line["lowered"] for line in pulse["lines"])
    (add,) = listed(corten, "add")
    assert any(text.endswith("@ BINARY_OP") for text in code(add))
    (number,) = listed(corten, "main.number")
    assert number["kind"] == "asm_thumb"
    assert code(number)[0].startswith("push")
    assert "mov r0, pc" in code(number)


def test_whole_modules_and_those_of_corten(corten: Corten) -> None:
    names = [each["function"] for each in listed(corten, "main.py")]
    assert names == ["<module>", "Meter", "Meter.start", "Meter.start.<listcomp>", "pulse", "add", "number"]
    assert [each["file"] for each in listed(corten, "corten.irq.Interrupt.bind")] == ["corten/irq.py"]
    shown = corten("asm", "Meter.start", "main.py").out
    assert shown.startswith("main.py Meter.start: bytecode, ")
    assert "   13          timer.RELOAD.write(24_999)\n    >          _mem32[0x4000_0008] = 0x61A7\n" in shown


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("Meter.stop", "there is no 'Meter.stop' in the image"),
        ("main.py:x", "there is no 'main.py:x' in the image"),
        ("__init__", "'__init__' may be one of "),
    ],
)
def test_what_is_not_there_or_may_be_several(corten: Corten, what: str, message: str) -> None:
    corten.write("main.py", APP)
    ended = corten("asm", what, "main.py")
    assert ended.status == 2
    assert ended.error.startswith(f"corten: {message}")
    assert "fix:" in ended.error
