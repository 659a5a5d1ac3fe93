"""Parameter words are unsigned, live, and each copy's own; what does not fit is refused."""

import board
from corten.irq import Interrupt
from corten.native import count, native


def refused(kind, action):
    try:
        action()
    except kind:
        return
    raise AssertionError("not refused")


first, second = native(count, 0xFFFF_FFFF), native(count)
assert len(first.words) == 1
assert (first.words[0], second.words[0]) == (0xFFFF_FFFF, 0)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(first)
line.enable()
line.pend()
assert first.words[0] == 0, "32 bits did not wrap"
first.words[0] = 0x8000_0000
line.pend()
assert first.words[0] == 0x8000_0001 and second.words[0] == 0
refused(ValueError, lambda: native(count, 1, 2))
refused(ValueError, lambda: native(count, 1 << 32))
refused(ValueError, lambda: native(count, -1))
refused(IndexError, lambda: first.words[1])
refused(IndexError, lambda: first.word_address(1))
