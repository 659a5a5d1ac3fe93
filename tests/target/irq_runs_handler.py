"""A bound, enabled line runs its handler once for each time that it becomes pending; two lines keep their own count."""

import board
from corten.irq import Interrupt
from corten.native import count, native

first, second = native(count, 100), native(count)
last, before = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
last.bind(first)
before.bind(second)
last.pend()
assert last.pending and not last.enabled and first.words[0] == 100
last.enable()
assert not last.pending and last.enabled and not last.active and first.words[0] == 101
before.enable()
for _ in range(1000):
    last.pend()
    before.pend()
assert (first.words[0], second.words[0]) == (1101, 1000)
last.disable()
last.pend()
assert first.words[0] == 1101 and last.pending
last.unpend()
last.enable()
assert first.words[0] == 1101
