# needs: armv7m
"""A ceiling holds back lines up to its priority, lets more urgent ones run, and leaves BASEPRI as it found it."""

import micropython

import board
from corten.ceiling import ceiling, level
from corten.critical import critical
from corten.irq import Interrupt
from corten.native import count, native


@micropython.asm_thumb
def basepri():
    mrs(r0, BASEPRI)


lines = [Interrupt(board.IRQ_COUNT - 1 - index) for index in range(3)]
handlers = [native(count) for _ in lines]
for priority, (line, handler) in enumerate(zip(lines, handlers), 1):
    line.priority = priority
    line.bind(handler)
    line.enable()


def runs():
    return [handler.words[0] for handler in handlers]


def pend_all():
    for line in lines:
        line.pend()
    return runs()


with ceiling(2):
    assert basepri() == level(2)
    assert pend_all() == [0, 0, 1]
    with ceiling(3):
        assert pend_all() == [0, 0, 1]
        with ceiling(1), ceiling(2):
            assert basepri() == level(3), "an inner ceiling lowered the mask"
        assert basepri() == level(3)
    assert basepri() == level(2) and runs() == [0, 0, 2]
assert basepri() == 0 and runs() == [1, 1, 2]
try:
    with ceiling(1):
        raise KeyError
except KeyError:
    assert basepri() == 0


def leaves():
    with ceiling(3):
        return basepri()


assert leaves() == level(3) and basepri() == 0
with ceiling(0):
    assert basepri() == 0
assert ceiling(board.PRIORITIES) is critical and ceiling(2) is ceiling(2)
for wrong in (-1, board.PRIORITIES + 1):
    try:
        ceiling(wrong)
    except ValueError:
        pass
    else:
        raise AssertionError(wrong)
