# needs: timer
"""Frames end after 14 quiet ticks, are marked after 6 and a character inside, and none is lost unaccounted when nobody
takes them.
"""

from array import array

import uctypes

import board
from corten.channel import Channel
from corten.irq import Interrupt
from corten.native import count, native
from corten.silence import POSITION, TOO_QUIET, Silence

# The longest that the emulated STM32F405 keeps, about; a core without BASEPRI is a slow one.
QUARTER_US = 60 if board.BASEPRI else 600

kept = array("I", [0])  # stands for the word in which a UART counts
ends = Channel.words(2)
line = Interrupt(board.DISPATCHERS[-1])
line.bind(native(count))
line.enable()
told = line.handler.words
silence = Silence(board.CAPABILITIES["timer"], ends, line)


def wait(ticks):
    first = silence.ticks
    while silence.ticks - first < ticks:
        pass


def frame(*gaps):
    """Bytes, so many ticks apart; returns the ticks until the line was told of an end."""
    before = told[0]
    for gap in gaps:
        wait(gap)
        kept[0] += 1
    first = silence.ticks
    while told[0] == before:
        assert silence.ticks - first < 20
    return silence.ticks - first


kept[0] = 0xFFFF_FFFD - 0xFF_FFFF  # the low 24 bits wrap with the next bytes
start = kept[0] & POSITION
silence.start(QUARTER_US, uctypes.addressof(kept))
wait(20)
assert told[0] == 0 and not ends.waiting, "there was no byte yet"

quiet = frame(1, 1, 2, 1, 1)
assert 14 <= quiet <= 16, quiet
assert ends.take() == (start + 5) & POSITION
assert frame(1, 8, 8) >= 14
assert ends.take() == (start + 8) & POSITION, "a byte ends 4 ticks after it began: 5 of these are a gap, 6 are allowed"
frame(1, 12)
assert ends.take() == (start + 10) & POSITION | TOO_QUIET
frame(1, 1)
assert ends.take() == (start + 12) & POSITION, "a gap is forgotten with its frame"
frame(1)
frame(30)
assert (ends.take(), ends.take()) == ((start + 13) & POSITION, (start + 14) & POSITION)

# A full channel: what is refused is counted, and belongs to the next frame, which is marked.
taken = ends.refused
for _ in range(4):
    frame(1)
assert ends.refused == 2 and ends.waiting == 2
assert (ends.take(), ends.take()) == ((start + 15) & POSITION, (start + 16) & POSITION)
frame(1)
assert ends.take() == (start + 19) & POSITION | TOO_QUIET
frame(1)
assert ends.take() == (start + 20) & POSITION
assert told[0] == 12, told[0]

# Stopped in a frame: that one is forgotten.
kept[0] += 1
wait(3)
silence.stop()
assert told[0] == 12 and not ends.waiting
words, index = silence.counter()
assert words[index] == silence.ticks
silence.close()
silence.close()
assert board.CAPABILITIES["timer"].owner is None
line.unbind()
