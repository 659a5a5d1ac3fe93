# needs: timer
# timeout: 120
"""10^5 timer interrupts and more, during a hundred garbage collections: none is lost.

Two windows are measured, each from one tick of the timer to another: one with a main loop that allocates and collects,
and a quiet one as long. Both must show the same time per interrupt, to less than half a period in all of them.
"""

import gc
import time

import micropython

import board

PERIOD_US = 5
TICKS = 100_000
COLLECTIONS = 100


@micropython.viper
def edge(counter: int, now):
    ticks = ptr32(counter)
    seen = ticks[0]
    while ticks[0] == seen:
        pass
    return now(), ticks[0]


def window(step, ticks):
    gc.collect()
    first_us, first_ticks = edge(counter, time.ticks_us)
    while timer.ticks - first_ticks < ticks or collections < COLLECTIONS:
        step()
    last_us, last_ticks = edge(counter, time.ticks_us)
    return time.ticks_diff(last_us, first_us), last_ticks - first_ticks


def collect():
    global collections, junk
    collections += 1
    junk = [bytearray(16) for _ in range(50)]
    gc.collect()


collections = 0
junk = None
live = [[n] for n in range(500)]
timer = board.CAPABILITIES["timer"].open()
counter = timer._handler.word_address(2)
timer.on_tick()
timer.interrupt.priority = board.PRIORITIES
timer.start(PERIOD_US)
busy_us, busy_ticks = window(collect, TICKS)
quiet_us, quiet_ticks = window(lambda: None, busy_ticks)
timer.close()
expected = busy_us * quiet_ticks / quiet_us
print("%d ticks, %.2f expected, %d collections" % (busy_ticks, expected, collections))
assert abs(busy_us * quiet_ticks - busy_ticks * quiet_us) * 2 < quiet_us, "lost: %.2f" % (expected - busy_ticks)
