# needs: timer
"""Interrupts that are masked for many periods count once for all of them, and the period is kept afterwards."""

import time

import board
from corten.critical import critical

PERIOD_US = 50
LOOPS = 5000
TICKS = 200

timer = board.CAPABILITIES["timer"].open()
timer.on_tick()
timer.start(PERIOD_US)
for _ in range(3):
    ticks = timer.ticks
    while timer.ticks == ticks:
        pass
    with critical:
        ticks = timer.ticks
        for _ in range(LOOPS):
            pass
        assert timer.ticks == ticks
    assert 1 <= timer.ticks - ticks <= 4, timer.ticks - ticks
    ticks = timer.ticks
    start = time.ticks_us()
    while timer.ticks - ticks < TICKS:
        pass
    elapsed = time.ticks_diff(time.ticks_us(), start)
    assert abs(elapsed - PERIOD_US * TICKS) <= 3 * PERIOD_US, elapsed
timer.close()
