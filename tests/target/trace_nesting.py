# needs: clock
"""A trace of two nested interrupts, a critical section and a sleep pairs and nests as it happened."""

import time

import machine

import board
from corten import trace
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import count, native
from corten.recorder import CALL, ENTER, EXIT, LOCK, MARK, RETURN, SLEEP, UNLOCK, WAKE

urgent, mild = Interrupt(board.DISPATCHERS[0]), Interrupt(board.DISPATCHERS[1])
counter = native(count)


def work():
    urgent.pend()


trace.start(1024)
urgent.priority, mild.priority = 3, 2
urgent.bind(counter)
mild.bind(hard(work))
urgent.enable()
mild.enable()
trace.mark("begin")
with critical:
    mild.pend()
time.sleep_ms(5)
trace.stop()
assert counter.words[0] == 1

events = trace.read()
assert trace.recorded() == len(events) and trace.overwritten() == 0
times = [event[0] for event in events]
steps = [times[index + 1] - times[index] & 0xFFFF_FFFF for index in range(len(times) - 1)]
assert max(steps) < 1 << 31, "times go back"

# Begins are even and their ends one more; each context ends what it began last.
open_spans = {}
for _, kind, number, context in events:
    spans = open_spans.setdefault(context, [])
    if kind in (ENTER, CALL, LOCK, SLEEP):
        spans.append((kind, number))
    elif kind in (EXIT, RETURN, UNLOCK, WAKE):
        assert spans and spans.pop() == (kind - 1, number), (kind, number, context)
assert not any(open_spans.values()), open_spans

first = [event[1] for event in events].index(MARK)
seen = [event[1:] for event in events[first + 1 :] if event[3] != 15]
inner, outer = 16 + urgent.number, 16 + mild.number
called = [event[1] for event in seen if event[0] == CALL][0]
assert seen[:8] == [
    (LOCK, board.PRIORITIES, 0),
    (UNLOCK, board.PRIORITIES, 0),
    (ENTER, 0, outer),
    (CALL, called, outer),
    (ENTER, 0, inner),
    (EXIT, 0, inner),
    (RETURN, called, outer),
    (EXIT, 0, outer),
], seen[:10]
asleep = 0
for index, before in enumerate(events):
    if before[1] == SLEEP:
        after = events[index + 1]
        assert after[1] == WAKE, "something was recorded in the sleep"
        asleep += after[0] - before[0] & 0xFFFF_FFFF
hz = trace.clock()[1]
sees_sleep = hasattr(machine, "sleep_hook")  # of the port
assert not sees_sleep or 0.004 < asleep / hz < 0.0055, asleep / hz
