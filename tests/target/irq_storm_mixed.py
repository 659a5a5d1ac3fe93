# needs: timer
# timeout: 60
"""Lines of four priorities, handlers of all kinds, collections, exceptions and rebinding at random: all adds up."""

import gc

import machine

import board
from corten.ceiling import ceiling
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt, owners
from corten.native import count, native
from corten.shared import Shared
from corten.soft import soft

# An emulator without -icount starves the main context when the period is short: one that can be slow is.
PERIOD_US, TICKS = (60, 20_000) if board.NAME == "netduinoplus2" else (1000, 4000)
timer = board.CAPABILITIES["timer"].open()
lines = [Interrupt(board.IRQ_COUNT - n) for n in range(1, 6)]
low, middle, high, deferred, machine_line = lines
seed = 1
count_low = Shared(0, ceiling=3)
counts = [0] * 8
told = 0
limit, level = 1.5, 2.5


def tick():
    global seed
    timer.acknowledge()
    seed = (seed * 1103 + 12345) & 0x7FFFF
    counts[0] += 1
    bits = 1 << (seed >> 4) % 5
    if bits & 1:
        counts[1] += 1
        low.pend()
    if bits & 2:
        counts[2] += 1
        middle.pend()
    if bits & 4:
        counts[3] += 1
        high.pend()
    if bits & 8:
        counts[4] += 1
        deferred.pend()
    if bits & 16:
        counts[5] += 1
        machine_line.pend()


def on_low():
    with count_low.lock() as c:
        c.value += 1
        middle.pend()
    if low_handler.runs & 3 == 0:
        raise ValueError


def on_middle():
    with count_low.lock() as c:
        c.value += 1
    if middle_handler.runs & 7 == 0:
        raise IndexError


def on_high():
    with count_low.lock() as c:
        c.value += 1
    assert limit < level  # the FPU in a handler
    if high_handler.runs & 15 == 0:
        bytearray(100)


def on_soft(n):
    global told
    told += n
    with critical:
        pass
    if soft_handler.runs & 7 == 0:
        raise KeyError


low_handler, middle_handler, high_handler, soft_handler = hard(on_low), hard(on_middle), hard(on_high), soft(on_soft)
native_handler = native(count)
handlers = (low_handler, middle_handler, high_handler, soft_handler, native_handler)
for priority, line, handler in zip((1, 2, 3, 2, 4), lines, handlers):
    line.priority = priority
    line.bind(handler)
    line.enable()
ticker = hard(tick)
timer.interrupt.priority = board.PRIORITIES
timer.interrupt.bind(ticker)
timer.interrupt.enable()
timer.start(PERIOD_US)
x = 1.0
rounds = 0
main_count = 0
spare = Interrupt(board.IRQ_COUNT - 6)


def deep(n):
    return n and deep(n - 1) + 1


while counts[0] < TICKS:
    rounds += 1
    y = 0.0
    for _ in range(20):
        y += 1.5
    assert y == 30.0
    junk = [bytearray(40) for _ in range(20)]
    if rounds % 5 == 0:
        gc.collect()
    for _ in range(5):
        with count_low.lock() as c:
            c.value += 1
            main_count += 1
    with ceiling(rounds % (board.PRIORITIES + 1)), critical, ceiling(1):
        s = str(rounds)
    assert int(s) == rounds
    spare.priority = 1 + rounds % board.PRIORITIES
    spare.bind((native(count), hard(lambda: None), soft(lambda n: None))[rounds % 3])
    spare.enable()
    spare.pend()
    spare.unbind()
    if rounds % 7 == 0:
        deferred.unbind()
        deferred.bind(soft_handler)
        deferred.enable()
    if rounds % 50 == 0:
        assert deep(20) == 20
timer.interrupt.unbind()
timer.close()
for _ in range(10):
    pass
total = low_handler.runs + middle_handler.runs + high_handler.runs + main_count
with count_low.lock() as c:
    value = c.value
assert ticker.errors == 0 and ticker.runs == counts[0]
assert value == total
assert low_handler.errors == low_handler.runs // 4
assert middle_handler.errors == middle_handler.runs // 8
assert high_handler.errors == high_handler.runs // 16
assert native_handler.words[0] == counts[5]
assert high_handler.runs == counts[3], "the most urgent task was not run each time"
m = machine.disable_irq()
machine.enable_irq(m)
assert m == 0
for line in lines:
    line.unbind()
assert owners() == []
