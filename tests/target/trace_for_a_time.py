# needs: clock
"""A trace for a given time ends by itself; what the program does afterwards changes nothing."""

import time

from corten import trace
from corten.recorder import BEGIN, MARK

for _ in range(2):
    trace.start(1024, seconds=0.01)
    hz = trace.clock()[1]
    for number in range(40):
        trace.begin(number)
        time.sleep_us(900)
        trace.end(number)
    held = trace.recorded()
    trace.mark("late")
    time.sleep_ms(5)
    assert trace.recorded() == held, "it goes on"
    trace.stop()
    recording = trace._recording
    counts = recording.last - recording.first & 0xFFFF_FFFF
    assert hz // 100 <= counts < hz * 13 // 1000, counts
    events = trace.read()
    assert len(events) == held
    numbers = [event[2] for event in events if event[1] == BEGIN]
    assert numbers == list(range(len(numbers))) and 8 <= len(numbers) <= 14, numbers
    assert MARK not in [event[1] for event in events]
    assert all(event[0] - recording.first & 0xFFFF_FFFF <= counts for event in events)

# A longer time than the counter's own, and one that is not over.
trace.start(64, seconds=5000)
time.sleep_ms(3)
trace.stop()
assert trace._recording.last - trace._recording.first & 0xFFFF_FFFF >= 0.003 * hz

# This project's port skips its tick in longer sleeps.
trace.start(256, seconds=0.02)
for number in range(20):
    trace.begin(number)
    time.sleep_ms(4)
    trace.end(number)
trace.stop()
numbers = [event[2] for event in trace.read() if event[1] == BEGIN]
assert numbers == list(range(len(numbers))) and 4 <= len(numbers) <= 7, numbers
