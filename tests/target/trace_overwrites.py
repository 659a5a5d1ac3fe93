# needs: clock
"""A full ring keeps the newest events, and counts the others; marks keep their names."""

from corten import trace

trace.start(16)
for number in range(100):
    trace.begin(number)
    trace.end(number)
trace.stop()
assert trace.recorded() >= 200, trace.recorded()
assert trace.overwritten() == trace.recorded() - 16
events = trace.read()
assert len(events) == 16
numbers = [event[2] for event in events if event[1] in (2, 3)]
assert numbers == sorted(numbers) and numbers[-1] == 99 and numbers[0] >= 92, numbers

trace.start(16)
assert trace.recorded() < 16
trace.mark("one")
trace.mark("two")
trace.mark("one")
trace.stop()
marks = [event[2] for event in trace.read() if event[1] == 8]
assert marks[0] == marks[2] != marks[1], marks
trace.mark("off")
trace.begin(1)
trace.end(1)
assert len([event for event in trace.read() if event[1] in (2, 3, 8)]) == 3


def refused(kind, action):
    try:
        action()
    except kind:
        return
    raise AssertionError("not refused")


refused(ValueError, lambda: trace.start(1))
refused(ValueError, lambda: trace.name(1 << 17, "too large"))
refused(ValueError, lambda: trace.name(-1, "too small"))
