"""The table of owners names each bound line, its kind, priority and state."""

import board
from corten.hard import hard
from corten.irq import Interrupt, owners, report
from corten.native import count, native
from corten.soft import soft


def tick():
    pass


def told(count):
    pass


lines = [Interrupt(board.IRQ_COUNT - 1 - index) for index in range(3)]
assert owners() == []
idle = False if board.BASEPRI else None  # Armv6-M does not tell which handlers are active
as_found = lines[1].priority
for line, handler in zip(lines, (hard(tick), soft(told), native(count))):
    line.bind(handler)
lines[0].priority = 2
lines[0].enable()
lines[1].pend()
found = owners()
assert [each[0] for each in found] == [line.number for line in reversed(lines)]
native_row, soft_row, hard_row = found
assert hard_row[2:] == ("hard", "tick", 2, True, False, idle, 0), hard_row
assert soft_row[2:] == ("soft", "told", as_found, False, True, idle, 0), soft_row
assert native_row[2] == "native" and native_row[-1] is None
report()
