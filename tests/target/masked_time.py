"""The longest time with interrupts masked is found for each kind of section, with the context in which it was."""

import board
from corten import masked
from corten.ceiling import ceiling
from corten.clock import NoClock
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt

line = Interrupt(board.IRQ_COUNT - 1)
two = ceiling(2)


def work(turns):
    for _ in range(turns):
        pass


def handle():
    with two:
        work(300)


def measure():
    with two:
        work(10)
    with critical:
        work(10)
        with critical:
            work(100)
    short = {name: longest_us for name, longest_us, _ in masked.worst()}
    assert short["critical"] > 3 * short["ceiling 2"] > 0, short
    line.pend()
    found = {name: (longest_us, context) for name, longest_us, context in masked.worst()}
    assert found["ceiling 2"][0] > found["critical"][0], found
    assert found["ceiling 2"][1] == "interrupt %d" % line.number and found["critical"][1] == "main", found
    masked.report()


line.bind(hard(handle))
line.enable()
entered = critical.__enter__
try:
    masked.start()
except NoClock:
    assert board.CLOCK is None
else:
    assert critical.__enter__ is not entered
    measure()
    masked.stop()
assert critical.__enter__ is entered and masked.worst() == []
