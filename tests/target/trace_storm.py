# needs: clock
# timeout: 60
"""Interrupts of three priorities record at once: no event is lost, torn or out of order."""

import board
from corten import trace
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import count, native
from corten.recorder import ENTER, EXIT

ROUNDS = 100
lines = [Interrupt(number) for number in board.DISPATCHERS[:3]]
counters = [native(count), None, None]


def middle():
    lines[0].pend()


def low():
    lines[1].pend()
    lines[0].pend()


for priority, (line, handler) in enumerate(zip(lines, (counters[0], hard(middle), hard(low)))):
    line.priority = 4 - priority
    line.bind(handler)
    line.enable()
trace.start(2048)
for _ in range(ROUNDS):
    lines[2].pend()
    lines[0].pend()
trace.stop()
assert counters[0].words[0] == 3 * ROUNDS
assert trace.overwritten() == 0
active, entered = [0], {}
before = None
for index in range(0, trace.recorded()):
    stamp, kind, _, context = trace.event(index)
    assert before is None or (stamp - before) & 0xFFFF_FFFF < 1 << 31, "times go back"
    before = stamp
    if kind == ENTER:
        assert context not in active
        active.append(context)
        entered[context] = entered.get(context, 0) + 1
    elif kind == EXIT:
        assert active.pop() == context
    else:
        assert active[-1] == context
assert active == [0]
assert [entered[16 + line.number] for line in lines] == [3 * ROUNDS, ROUNDS, ROUNDS], entered
