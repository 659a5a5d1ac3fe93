# mypy: ignore-errors
"""Runs on the board: takes a program from memory that the host shares, and runs it as it stands, then lowered.

`go()` finds, at BASE, four words: the sizes in bytes of the texts that follow. These are a tuple of what to call and of
words to write before each call, then the two programs.
"""

import gc

import micropython
from machine import mem32
from uctypes import bytearray_at

BASE = 0x21F0_0000  # in the PSRAM, above the file system
MARK = 0x4001_3FFC  # host_tools.equivalence.layouts says what it is
SETUP = 0xFFFE
END = 0xFFFF


@micropython.asm_thumb
def masked():
    """Tell whether interrupts are masked: 0 or 1."""
    data(2, 0xF3EF, 0x8010)  # noqa: F821 - mrs r0, PRIMASK


def go():
    """Run both. Prints, in a line each, what the definitions and each call came to."""
    at = BASE + 16
    texts = []
    for number in range(3):
        size = mem32[BASE + 4 * number]
        texts.append(str(bytearray_at(at, size), "utf8"))
        at += size
    calls, words = eval(texts[0])
    for text in texts[1:]:
        names = {"masked": masked}
        mem32[MARK] = END
        _attempt(exec, text, names)
        for number, call in enumerate(calls):
            mem32[MARK] = SETUP
            for address, value in words:
                mem32[address] = value
            mem32[MARK] = number + 1
            _attempt(eval, call, names)
        names.clear()
        gc.collect()
    mem32[MARK] = END


def _attempt(run, text, names):
    try:
        print(repr(run(text, names)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
        print(type(error).__name__, error)
