"""What holding a lock costs, in instructions, beside the same effect written by hand.

Each line of output is a case, its instructions for entering and leaving, and those of the hand-written one. It needs an
emulated board on which an instruction takes a nanosecond, and a clock for time stamps.
"""

import gc

from machine import disable_irq, enable_irq
from micropython import const

from corten import clock
from corten.app import App
from corten.ceiling import ceiling
from corten.critical import critical
from corten.hot import hot
from corten.shared import Shared, SharedWord


class Plain:
    """What is reached without a lock."""

    def __init__(self):
        self.value = 0


counter, counts_hz, _ = clock.start()
now = clock.reader(counter)
IN_A_COUNT = 1_000_000_000 / counts_hz  # instructions, of a nanosecond each
two = ceiling(2)
count = Shared(0, ceiling=2)
word = SharedWord(0, ceiling=2)
plain = Plain()
app = App()


@app.task(binds=8, priority=2)
def masked():
    """Never runs: it says which line `two` masks on a core without BASEPRI."""


@hot
def hot_loop(times: int):
    for _ in range(times):
        pass


@hot
def hot_critical(times: int):
    for _ in range(times):
        with critical:
            pass


@hot
def hot_ceiling(times: int):
    for _ in range(times):
        with two:
            pass


@hot
def hot_word(times: int):
    for _ in range(times):
        with word.lock() as w:
            w.value += 1


def loop(times):
    for _ in range(times):
        pass


def by_hand(times):
    for _ in range(times):
        state = disable_irq()
        try:
            pass
        finally:
            enable_irq(state)


def by_hand_counting(times):
    for _ in range(times):
        state = disable_irq()
        try:
            plain.value += 1
        finally:
            enable_irq(state)


def lowered_critical(times):
    for _ in range(times):
        with critical:
            pass


def lowered_ceiling(times):
    for _ in range(times):
        with two:
            pass


def lowered_shared(times):
    for _ in range(times):
        with count.lock() as c:
            c.value += 1


def unlowered_critical(times):
    for _ in range(times):
        with critical:  # corten: keep
            pass


def unlowered_ceiling(times):
    for _ in range(times):
        with two:  # corten: keep
            pass


def unlowered_shared(times):
    for _ in range(times):
        with count.lock() as c:  # corten: keep
            c.value += 1


_RUNS = const(2000)
_REPEATS = const(3)
_SMALL = const(0x1FFF_FFFF)


def counts(function, times):
    """Counts of the clock in a call, the smallest of some."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        start = now()
        function(times)
        found.append(now() - start & _SMALL)
    return min(found)


def cost(function):
    """Instructions of one turn of the function's loop."""
    return (counts(function, 2 * _RUNS) - counts(function, _RUNS)) * IN_A_COUNT / _RUNS


def main():
    """Measure every case."""
    now()
    empty = cost(hot_loop)
    for name, function in (
        ("critical/enter-exit/hot", hot_critical),
        ("ceiling/enter-exit/hot", hot_ceiling),
        ("shared/add/hot", hot_word),
    ):
        print(name, cost(function) - empty)
    empty = cost(loop)
    hand = cost(by_hand) - empty
    for name, function in (
        ("critical/enter-exit/lowered", lowered_critical),
        ("critical/enter-exit/unlowered", unlowered_critical),
        ("ceiling/enter-exit/lowered", lowered_ceiling),
        ("ceiling/enter-exit/unlowered", unlowered_ceiling),
    ):
        print(name, cost(function) - empty, hand)
    counting = cost(by_hand_counting) - empty
    for name, function in (
        ("shared/add/lowered", lowered_shared),
        ("shared/add/unlowered", unlowered_shared),
    ):
        print(name, cost(function) - empty, counting)


if __name__ == "__main__":
    main()
