"""A viper function runs in the exception; one that raises is counted; one with arguments is refused."""

from array import array

import micropython
import uctypes

import board
from corten.irq import Interrupt
from corten.native import native

line = Interrupt(board.IRQ_COUNT - 1)
words = array("I", [0, 7])
SMALL = uctypes.addressof(words) >> 2


@micropython.viper
def through_a_global():
    there = ptr32(int(SMALL) << 2)
    there[0] = there[0] + there[1]


@micropython.viper
def pure():
    pass


@micropython.viper
def fails():
    raise ValueError


@micropython.viper
def wants_one(count: int):
    pass


for function, errors in ((pure, 0), (through_a_global, 0), (fails, 10)):
    handler = native(function)
    line.bind(handler)
    line.enable()
    for _ in range(10):
        line.pend()
    assert handler.errors == errors, (handler.errors, errors)
    assert handler.error_type is (ValueError if errors else None)
    line.unbind()
assert words[0] == 70
for wrong in (wants_one, print, lambda: None, 7):
    try:
        native(wrong)
    except TypeError:
        pass
    else:
        raise AssertionError("%r was taken" % wrong)
