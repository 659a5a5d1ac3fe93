# needs: timer
"""Tasks that are started for later run in the order of their times, not before them, and no more wait than there is
room."""

import time

import board
from corten.app import App

app = App(timer=board.CAPABILITIES["timer"], tick_us=50, timers=4)
numbers, times = [0] * 8, [0] * 8
at = 0
started = time.ticks_ms()


@app.task(priority=2, capacity=8)
def note(number):
    global at
    numbers[at] = number
    times[at] = time.ticks_diff(time.ticks_ms(), started)
    at += 1


@app.task(priority=1)
def again():
    note.spawn_after(2, 99)


@app.idle
def idle():
    global started
    started = time.ticks_ms()
    delays = (30, 10, 20, 10)
    assert all(note.spawn_after(delay, delay) for delay in delays)
    assert not note.spawn_after(5, 5) and app.timer_queue.refused == 1
    time.sleep_ms(50)
    assert numbers[:at] == [10, 10, 20, 30], numbers
    for delay, passed in zip(numbers[:at], times):
        assert delay <= passed <= delay + 3, times
    again.spawn()
    time.sleep_ms(10)
    assert numbers[4] == 99, numbers
    for wrong in (-1, 1 << 28):
        try:
            note.spawn_after(wrong, 0)
        except ValueError:
            pass
        else:
            raise AssertionError(wrong)
    raise SystemExit


try:
    app.run()
except SystemExit:
    pass
assert app.timer_queue is None
board.CAPABILITIES["timer"].open(owner="the test").close()
