# needs: timer
"""A tick XORs a mask into a word, other bits stay, and a mask of 0 leaves the word alone."""

from array import array

import uctypes

import board

word = array("I", [0xA000_0000])
timer = board.CAPABILITIES["timer"].open()
timer.on_tick(uctypes.addressof(word), 0x8000_0001)
timer.start(60)
seen = set()
while timer.ticks < 100:
    seen.add(word[0])
timer.on_tick()
ticks = timer.ticks
frozen = word[0]
while timer.ticks - ticks < 10:
    assert word[0] == frozen
timer.close()
assert seen == {0xA000_0000, 0x2000_0001}, seen
for address, mask in ((uctypes.addressof(word) + 2, 1), (None, 1)):
    try:
        board.CAPABILITIES["timer"].open().on_tick(address, mask)
    except ValueError:
        board.CAPABILITIES["timer"].release()
    else:
        raise AssertionError("a target at %r was accepted" % address)
