"""Sleeps last as long as they should: not shorter, and at most 2 ms longer; microseconds agree with milliseconds."""

import time

for wanted_ms in (1, 7, 20, 100):
    start_us = time.ticks_us()
    time.sleep_ms(wanted_ms)
    elapsed_us = time.ticks_diff(time.ticks_us(), start_us)
    assert (wanted_ms - 1) * 1000 < elapsed_us <= (wanted_ms + 2) * 1000, (wanted_ms, elapsed_us)
for wanted_us in (10, 500, 2500):
    start_us = time.ticks_us()
    time.sleep_us(wanted_us)
    elapsed_us = time.ticks_diff(time.ticks_us(), start_us)
    assert wanted_us <= elapsed_us <= wanted_us + 300, (wanted_us, elapsed_us)
start_ms, start_us = time.ticks_ms(), time.ticks_us()
for _ in range(5000):
    pass
end_us, end_ms = time.ticks_us(), time.ticks_ms()
assert abs(time.ticks_diff(end_us, start_us) - 1000 * time.ticks_diff(end_ms, start_ms)) <= 2000
