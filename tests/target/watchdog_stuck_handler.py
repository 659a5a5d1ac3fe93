# needs: timer
"""A handler that does not return is reported to the watchdog's hook, by its line; what returns is not."""

import time

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.watchdog import Watchdog

line = Interrupt(board.IRQ_COUNT - 1)
found = [-1, 0]


def stuck():
    while found[0] < 0:
        pass


def hook(number):
    found[0] = number
    found[1] += 1


watchdog = Watchdog(board.CAPABILITIES["timer"], 16, hook, line=board.IRQ_COUNT - 2, look_us=50)
line.priority = 2
line.bind(hard(stuck))
line.enable()
time.sleep_ms(100)
assert found == [-1, 0], "reported without reason"
for times in (1, 2):
    found[0] = -1
    line.pend()
    assert found == [line.number, times], found
    time.sleep_ms(20)
assert watchdog.handler.errors == 0
watchdog.close()
for wrong in ({"limit_ms": 0}, {"limit_ms": 1, "look_us": 900}):
    try:
        Watchdog(board.CAPABILITIES["timer"], hook=hook, **wrong)
    except ValueError as error:
        assert "two looks" in str(error)
    else:
        raise AssertionError(wrong)
board.CAPABILITIES["timer"].open(owner="the test").close()
