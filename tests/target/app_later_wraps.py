# needs: timer
"""Starts for later keep their order and their time while the count of ticks wraps."""

import time

import board
from corten.app import App

app = App(timer=board.CAPABILITIES["timer"], tick_us=50, timers=8)
ran = [0] * 8
times = [0] * 8
at = 0
began = 0


@app.task(priority=1, capacity=8)
def task(number):
    global at
    ran[at] = number
    times[at] = time.ticks_diff(time.ticks_us(), began)
    at += 1


app.start()
for ahead in (0, 1, 40, 100, 101):
    at = 0
    queue = app.timer_queue
    queue._words[2] = (1 << 28) - ahead if ahead else 0
    queue._words[3] = (queue._words[2] + (1 << 27) - 1) & ((1 << 28) - 1)
    began = time.ticks_us()
    for delay in (14, 6, 10, 6, 12, 0):
        assert task.spawn_after(delay, delay)
    time.sleep_ms(24)
    assert ran[:at] == [0, 6, 6, 10, 12, 14], (ahead, ran[:at])
    assert all(delay * 1000 <= passed <= delay * 1000 + 3000 for delay, passed in zip(ran[:at], times)), times
    assert queue._words[2] < 1 << 27
app.stop()
