"""A more urgent hard handler interrupts another one; one of the same priority waits."""

import board
from corten.hard import hard
from corten.irq import Interrupt

low, high = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
order = []
order.extend(range(8))
order.clear()


def handle_low():
    order.append("low begins")
    high.pend()
    order.append("low ends")


def handle_high():
    order.append("high")


for line, function in ((low, handle_low), (high, handle_high)):
    line.bind(hard(function))
    line.enable()
low.priority, high.priority = 1, 2
low.pend()
assert order == ["low begins", "high", "low ends"], order
order.clear()
high.priority = 1
low.pend()
assert order == ["low begins", "low ends", "high"], order
assert low.handler.errors == high.handler.errors == 0
