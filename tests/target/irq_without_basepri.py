# needs: armv7m
"""What serves cores without BASEPRI and byte accesses, on one that has both: priorities by words, ceilings by lines."""

import board
from corten.ceiling import Ceiling, ceiling
from corten.irq import Interrupt
from corten.native import count, native

board.BASEPRI = False
lines = [Interrupt(28), Interrupt(29), Interrupt(30), Interrupt(31)]
for priority, line in enumerate(lines, 1):
    line.priority = priority
assert [line.priority for line in lines] == [1, 2, 3, 4]
board.BASEPRI = True
assert [line.priority for line in lines] == [1, 2, 3, 4], "other bytes than these were written"
assert Interrupt(27).priority == board.PRIORITIES
board.BASEPRI = False

handlers = [native(count) for _ in lines]
for line, handler in zip(lines, handlers):
    line.bind(handler)
    line.enable()
two = ceiling(2)
assert isinstance(two, Ceiling)


def held_back():
    before = [handler.words[0] for handler in handlers]
    with two:
        for line in lines:
            line.pend()
        return [handler.words[0] == each for handler, each in zip(handlers, before)]


assert held_back() == [True, True, False, False]
lines[1].priority = 4
assert held_back() == [True, False, False, False], "a change of priority did not reach the ceiling"
lines[3].priority = 1
assert held_back() == [True, False, False, True]
assert [handler.words[0] for handler in handlers] == [3, 3, 3, 3]
