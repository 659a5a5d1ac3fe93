"""In an interrupt a line allocates nothing and waits for the main context; what finds no room is counted."""

import time

import micropython

import board
from corten import log as logs
from corten.hard import hard
from corten.irq import Interrupt
from corten.log import Log, drain, log_filter, room

log = Log("irq")
log_filter("debug")
lines: list = []


def keep(line):
    """Stand for the console, and let an interrupt in."""
    lines.append(line.split("] ", 1)[1])
    if during[0]:
        during[0] -= 1
        line_of_irq.pend()


logs.print = keep  # type: ignore[attr-defined]
line_of_irq = Interrupt(board.IRQ_COUNT - 1)
count = [0]
during = [0]


class Own:
    """Something that is no number."""


own = Own()
big = 0xF000_0000  # no small integer


def report():
    count[0] += 1
    log.debug("run %d, %x, %s, %s", count[0], big, own, "a text of many words")


handler = hard(report)
line_of_irq.bind(handler)
line_of_irq.enable()


def wait_for(number):
    """Let the main context print."""
    end = time.ticks_add(time.ticks_ms(), 2000)
    while len(lines) < number and time.ticks_diff(end, time.ticks_ms()) > 0:
        pass
    assert len(lines) >= number, lines


line_of_irq.pend()
wait_for(1)
assert handler.errors == 0, handler.last_error
assert lines == ["debug irq: run 1, f0000000, Own, a text of many w…"], lines
lines.clear()

# Every line is printed or counted.
micropython.heap_lock()
for _ in range(100):
    line_of_irq.pend()
micropython.heap_unlock()
drain()
wait_for(1)
assert handler.errors == 0
printed = [line for line in lines if line.startswith("debug")]
assert len(printed) + logs.lost == 100 and logs.lost > 0, (len(printed), logs.lost)
assert [line for line in lines if "lost" in line] == ["warning log: %d lines lost: the queue was full" % logs.lost]
lines.clear()

# What waits comes before the main context's own line, and an interrupt amid a line after it.
lost = logs.lost
during[0] = 2
log.info("main")
wait_for(3)
assert [line.split(",")[0] for line in lines] == ["info irq: main", "debug irq: run 102", "debug irq: run 103"], lines
assert logs.lost == lost

# With the heap locked, the main context's lines wait as well.
lines.clear()
micropython.heap_lock()
log.info("locked %d", 1)
micropython.heap_unlock()
drain()
wait_for(1)
assert lines == ["info irq: locked 1"]

number = 0
room(2)
during[0] = 0
lines.clear()
micropython.heap_lock()
for number in range(5):
    log.info("%d", number)
micropython.heap_unlock()
drain()
wait_for(3)
assert lines[:2] == ["info irq: 0", "info irq: 1"] and logs.lost == lost + 3, (lines, logs.lost)
line_of_irq.unbind()

# What waits when the queue is made anew amid a line is lost, and counted.
lost = logs.lost


class Asking:
    """An object whose text logs a line and asks for more room."""

    def __str__(self):
        log.info("within")
        room(4)
        return "asking"


lines.clear()
log.info("%s", Asking())
assert lines == ["info irq: asking"] and logs.lost == lost + 1, (lines, logs.lost)
log.info("next")
assert lines[1:] == ["warning log: 1 lines lost: the queue was full", "info irq: next"], lines
