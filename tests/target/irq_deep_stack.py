# needs: timer
# timeout: 30
"""Handlers of three priorities on a stack that recursion has filled: each runs or is counted as failed, none faults."""

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.timer_queue import _tick

timer = board.CAPABILITIES["timer"].open()
low, middle, high = (Interrupt(board.IRQ_COUNT - n) for n in (1, 2, 3))
counts = [0] * 3


def a():
    counts[0] += 1
    middle.pend()
    f(3)


def b():
    counts[1] += 1
    high.pend()
    f(3)


def c():
    counts[2] += 1
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
timer.interrupt.bind(native(_tick, timer.flag_address, timer.flag_clear, 0, 0, *low.pend_store()))
timer.interrupt.enable()
timer.start(60 if board.NAME == "netduinoplus2" else 1000)
while counts[0] <= 200:
    try:
        deep(0)
    except RuntimeError:
        pass
timer.interrupt.unbind()
timer.close()
for handler, count in zip(handlers, counts):
    assert count + handler.errors >= handler.runs >= count > 50, (count, handler.runs, handler.errors)
    assert handler.error_type in (None, RuntimeError)
for line in (low, middle, high):
    line.unbind()
