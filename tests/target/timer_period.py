# needs: timer
"""Ticks come at the period that was asked for, and stop with the timer."""

import time

import board

PERIOD_US = 50
TICKS = 2000

timer = board.CAPABILITIES["timer"].open()
timer.on_tick()
assert timer.ticks == 0
timer.start(PERIOD_US)
assert abs(timer.period_us - PERIOD_US) < PERIOD_US * 0.01
start = time.ticks_us()
while timer.ticks < TICKS:
    pass
elapsed = time.ticks_diff(time.ticks_us(), start)
timer.stop()
ticks = timer.ticks
assert abs(elapsed - PERIOD_US * TICKS) <= PERIOD_US * TICKS // 100, elapsed
time.sleep_ms(5)
assert timer.ticks == ticks, "it ticked after stop"
timer.close()
