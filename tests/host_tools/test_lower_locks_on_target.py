"""Lowered locks on the emulated boards: they mask what they say, put back what was there, and do as unlowered ones."""

from pathlib import Path

import pytest

from host_tools.bench.app_output import output_of
from host_tools.boards import Board, load_board
from tests.host_tools.commands import Corten

HEAD = """\
import micropython
import board
from corten.app import App
from corten.ceiling import ceiling
from corten.critical import critical
from corten.hot import hot
from corten.shared import Shared, SharedWord

app = App()
LOW = ceiling(1)
count = Shared(0)
word = SharedWord(0xFFFF_FFFF, ceiling=2)

@app.task(binds=board.CAPABILITIES["timer"], priority=3, shares=(count,))
def tick():
    pass

for shared, task in app._shares:
    shared.used_by([task])

@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)

@micropython.asm_thumb
def basepri():
    data(2, 0xF3EF, 0x8011)

levels = {0: 0, (board.PRIORITIES - 1) << 8 - board.PRIORITY_BITS: 1}
levels[(board.PRIORITIES - 2) << 8 - board.PRIORITY_BITS] = 2
levels[(board.PRIORITIES - 3) << 8 - board.PRIORITY_BITS] = 3

def mask():
    return primask(), levels[basepri()]

def tried(function, *arguments):
    try:
        result = function(*arguments)
    except Exception as error:
        result = repr(error)
    print(function.__name__ if hasattr(function, "__name__") else "", result, mask())

"""
ORDINARY = """
def masks_all():
    with critical:
        return mask()

def masks_up_to():
    with LOW:
        first = mask()
        with ceiling(2):
            second = mask()
            with LOW:
                third = mask()



    return first, second, third

def masks_all_at_the_top():
    with ceiling(board.PRIORITIES):
        return mask()

def masks_nothing():
    with ceiling(0):
        return mask()

def raises():
    with critical:
        with LOW:
            raise ValueError(mask())


def leaves_a_loop():
    for number in range(5):
        with critical:
            if number == 2:
                continue
            if number == 3:
                break
    return number

def catches():
    with critical:
        try:
            raises()
        except ValueError as error:
            return error.args, mask()

def shares():
    with count.lock() as c:
        c.value += 1
        inside = mask()
    with count.lock() as c:
        return c.value, inside

def shares_a_word():
    with word.lock() as w:
        w.value += 3
        w.value -= 5
        return w.value, mask()

for function in (masks_all, masks_up_to, masks_all_at_the_top, masks_nothing, raises, leaves_a_loop, catches, shares):
    tried(function)
tried(shares_a_word)
"""
HOT = """
@hot
def hot_masks_all():
    with critical:
        found = mask()
    return found


@hot
def hot_returns():
    with critical:
        return mask()


@hot
def hot_masks_up_to():
    with LOW:
        first = mask()
        with ceiling(2):
            second = mask()
            with LOW:
                third = mask()



    return first, second, third


@hot
def hot_raises():
    with critical:
        with LOW:
            raise ValueError(mask())



@hot
def hot_leaves_a_loop():
    for number in range(5):
        with critical:
            if number == 3:
                break
    return mask()


@hot
def hot_counts(times: int):
    for _ in range(times):
        with word.lock() as w:
            w.value += 3
    with word.lock() as w:
        w.value = w.value - 1
        last = w.value
    return last, mask()


for function in (hot_masks_all, hot_returns, hot_masks_up_to, hot_raises, hot_leaves_a_loop):
    tried(function)
with word.lock() as shared_word:
    shared_word.value = 0xFFFF_FFFE
print(hot_counts(3), mask())
"""
PRINTED = """\
masks_all (1, 0) (0, 0)
masks_up_to ((0, 1), (0, 2), (0, 2)) (0, 0)
masks_all_at_the_top (1, 0) (0, 0)
masks_nothing (0, 0) (0, 0)
raises ValueError((1, 1),) (0, 0)
leaves_a_loop 3 (0, 0)
catches (((1, 1),), (1, 0)) (0, 0)
shares (1, (0, 3)) (0, 0)
shares_a_word (4294967293, (0, 2)) (0, 0)
"""
PRINTED_HOT = """\
 (1, 0) (0, 0)
 (1, 0) (0, 0)
 ((0, 1), (0, 2), (0, 2)) (0, 0)
 ValueError((1, 1),) (0, 0)
 (0, 0) (0, 0)
(6, (0, 0)) (0, 0)
"""


@pytest.mark.parametrize("board", ["mps2_an385", "netduinoplus2"])
def test_lowered_locks_mask_and_restore(corten: Corten, board: str) -> None:
    corten.write("locks.py", HEAD + ORDINARY + HOT)
    ended = corten("run", "locks.py", "--board", board)
    assert ended.out.replace("\r", "") == PRINTED + PRINTED_HOT, ended.err
    text = Path(corten.env["CORTEN_BUILD"], board, "locks", "lowered", "main.py").read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if line.strip().startswith("with ")], text


def test_they_do_as_unlowered_ones_do(corten: Corten) -> None:
    lines = (HEAD + ORDINARY).splitlines()
    kept = (f"{line}  # corten: keep" if line.strip().startswith("with ") else line for line in lines)
    corten.write("unlowered.py", "\n".join(kept))
    assert corten("run", "unlowered.py").out.replace("\r", "") == PRINTED


WITHOUT_BASEPRI = """\
import board
from machine import mem32
from corten.app import App
from corten.ceiling import ceiling
from corten.hot import hot
from corten.shared import SharedWord

app = App()
LOW = ceiling(2)
word = SharedWord(1, ceiling=2)

@app.task(binds=8, priority=2)
def tick():
    pass

@app.task(binds=9, priority=3)
def urgent():
    pass

@app.task(priority=1)
def later():
    pass

enabled = mem32[0xE000_E100]

def lines():
    return hex(mem32[0xE000_E100] & ~enabled)

@hot
def inside():
    with LOW:
        found = lines()
    return found

@hot
def nested(a: int, b: int, c: int):
    with LOW:
        with ceiling(1):
            found = lines()
        again = lines()
        word_is = a + b + c
    return found, again, word_is


@hot
def raises():
    with LOW:
        raise ValueError(lines())

@hot
def adds(times: int):
    for _ in range(times):
        with word.lock() as w:
            w.value += 1

    return lines()

for number in board.DISPATCHERS + (8, 9, 10):
    mem32[0xE000_E100] = 1 << number
print(lines(), inside(), lines())
print(nested(1, 2, 3), lines())
try:
    raises()
except ValueError as error:
    print(error, lines())
mem32[0xE000_E180] = 1 << 8
print(inside(), lines(), adds(5), word._words[0])
"""


def test_without_basepri_the_lines_of_the_tasks_are_disabled_and_as_before_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORTEN_BUILD", str(tmp_path / "build"))
    path = tmp_path / "sources.py"
    path.write_text(WITHOUT_BASEPRI, encoding="utf-8")
    board = load_board("mps2_an385")
    printed = output_of(board, str(path), print, basepri=False)
    assert printed.replace("\r", "").splitlines() == _without_basepri(board)


def test_a_core_without_basepri_disables_them(corten: Corten) -> None:
    corten.write("sources.py", WITHOUT_BASEPRI)
    printed = corten("run", "sources.py", "--board", "rpi_pico").out
    assert printed.replace("\r", "").splitlines() == _without_basepri(load_board("rpi_pico"))


def _without_basepri(board: Board) -> list[str]:
    """What it prints."""
    every, low = f"{0x700 | _bits(board.dispatchers):#x}", f"{0x600:#x}"
    without = f"{0x600 | _bits(board.dispatchers):#x}"
    return [
        f"{every} {low} {every}",
        f"('{low}', '{low}', 6) {every}",
        f"{low} {every}",
        f"{low} {without} {without} 6",
    ]


def _bits(lines: tuple[int, ...]) -> int:
    return sum(1 << line for line in lines)
