"""A board without a counter refuses to trace, says why, and is left as it was; a counter that stands still as well."""

import board
from corten import clock, trace, vectors

found, board.CLOCK = board.CLOCK, None
try:
    trace.start()
except clock.NoClock as error:
    assert board.NAME in str(error), error
else:
    raise AssertionError("there is no counter")
finally:
    board.CLOCK = found

try:
    trace.start(16, (0xE000_ED00, 1_000_000, 0xFFFF_FFFF))  # CPUID, which never changes: DDI 0403E, B3.2.3
except clock.NoClock as error:
    assert "stands still" in str(error), error
else:
    raise AssertionError("the counter stands still")
assert vectors.installed() is None
trace.stop()
assert trace.read() == [] and trace.recorded() == 0
