"""A signal counts what native, hard and soft handlers and the main context set, and is kept while nobody waits."""

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.signal import Signal, set_signal
from corten.soft import soft

signal = Signal()
assert signal.take() == 0 and signal.wait(0) == 0
lines = [Interrupt(board.IRQ_COUNT - 1 - n) for n in range(3)]
lines[0].bind(native(set_signal, signal.address, uses=signal))
lines[1].bind(hard(signal.set))
lines[2].bind(soft(lambda count: signal.set()))
for line in lines:
    line.enable()
for turn in range(1, 20):
    for _ in range(turn):
        for line in lines[:2]:
            line.pend()
        signal.set()
    assert signal.take() == 3 * turn
lines[2].pend()
assert signal.wait(100) == 1
signal._words[0] = signal._words[1] = 0xFFFF_FFFE
for _ in range(5):
    lines[0].pend()
assert signal.wait() == 5 and signal.wait(1) == 0
for line in lines:
    line.unbind()
