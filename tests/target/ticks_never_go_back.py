"""time.ticks_us never goes back, also where the millisecond turns over."""

import time

last = time.ticks_us()
largest = 0
for _ in range(20_000):
    now = time.ticks_us()
    step = time.ticks_diff(now, last)
    assert step >= 0, step
    largest = max(largest, step)
    last = now
assert largest < 2000, largest
