# needs: timer
# timeout: 60
"""Handlers of three priorities on a stack that recursion has filled: each runs or is counted as failed, none faults."""

import board
from corten.hard import hard
from corten.irq import Interrupt

timer = board.CAPABILITIES["timer"].open()
low, middle, high = (Interrupt(board.IRQ_COUNT - n) for n in (1, 2, 3))
counts = [0] * 4


def tick():
    timer.acknowledge()
    counts[0] += 1
    low.pend()


def a():
    counts[1] += 1
    middle.pend()
    f(3)


def b():
    counts[2] += 1
    high.pend()
    f(3)


def c():
    counts[3] += 1
    f(3)


def f(n):
    if n:
        f(n - 1)


def deep(n):
    return deep(n + 1) + 1


handlers = [hard(function) for function in (a, b, c)]
for priority, line, handler in zip((1, 2, 3), (low, middle, high), handlers):
    line.priority = priority
    line.bind(handler)
    line.enable()
ticker = hard(tick)
timer.interrupt.priority = 4
timer.interrupt.bind(ticker)
timer.interrupt.enable()
timer.start(60 if board.NAME == "netduinoplus2" else 1000)
while counts[0] <= 200:
    try:
        deep(0)
    except RuntimeError:
        pass
timer.interrupt.unbind()
timer.close()
assert ticker.runs == counts[0] + ticker.errors and counts[0] > 50
for handler, count in zip(handlers, counts[1:]):
    assert count + handler.errors >= handler.runs >= count > 50, (count, handler.runs, handler.errors)
    assert handler.error_type in (None, RuntimeError)
for line in (low, middle, high):
    line.unbind()
