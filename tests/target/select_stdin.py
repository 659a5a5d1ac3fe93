"""select.poll on the console waits as long as it should and finds nothing to read."""

import select
import sys
import time

poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
start = time.ticks_ms()
assert poll.poll(30) == []
elapsed = time.ticks_diff(time.ticks_ms(), start)
assert 30 <= elapsed < 40, elapsed
assert poll.poll(0) == []
