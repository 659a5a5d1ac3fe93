# needs: timer
"""Periods that the hardware cannot keep are refused, and nothing is started."""

import time

import board

timer = board.CAPABILITIES["timer"].open()
timer.on_tick()
for period_us in (0, -5, 10**12):
    try:
        timer.start(period_us)
    except ValueError as error:
        assert "%d" % period_us in str(error)
    else:
        raise AssertionError("%d us was accepted" % period_us)
time.sleep_ms(2)
assert timer.ticks == 0 and timer.period_us == 0
