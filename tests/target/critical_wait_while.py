# needs: timer
"""wait_while ends when a handler changes the word, at once if it has, and after its time if none does."""

import time
from array import array

import uctypes

import board
from corten.critical import critical, wait_while

timer = board.CAPABILITIES["timer"].open()
word = array("I", [0])
address = uctypes.addressof(word)
start = time.ticks_us()
wait_while(address, 1, 1000)
assert time.ticks_diff(time.ticks_us(), start) < 1000
wait_while(address, 0, 5)
assert 3000 < time.ticks_diff(time.ticks_us(), start) < 7000
timer.on_tick(address, 0x8000_0000)
timer.start(60)
for _ in range(100):
    before = word[0]
    ticks = timer.ticks
    wait_while(address, before, 1000)
    assert timer.ticks - ticks <= 10
with critical:
    before = word[0]
    wait_while(address, before, 1000)
    assert word[0] == before
timer.close()
