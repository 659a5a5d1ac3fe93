# needs: pin
"""A contact that bounces counts once when it closes, and not at all when it opens, in both directions."""

import time

import board

QUIET_MS = 20
pin = board.CAPABILITIES["pin"].into_input(pull="down")


def bounce(level, times):
    for _ in range(times):
        pin.init(pull=pin.PULL_UP if level else pin.PULL_DOWN)
        time.sleep_ms(1)
        pin.init(pull=pin.PULL_DOWN if level else pin.PULL_UP)
        time.sleep_ms(1)
    pin.init(pull=pin.PULL_UP if level else pin.PULL_DOWN)


for rising, falling in ((True, False), (False, True), (True, True)):
    edges = pin.edges(rising, falling, debounce_ms=QUIET_MS)
    expected = 0
    bounces = 0
    for number in range(5):
        for level in (1, 0):
            bounce(level, number)
            expected += rising if level else falling
            bounces += 2 * number
            assert edges.count == expected, (number, level)
            assert edges.bounces == bounces
            time.sleep_ms(QUIET_MS * 2)
    edges.stop()

edges = pin.edges(rising=True, debounce_ms=QUIET_MS)
bounce(1, 0)
for _ in range(10):  # a line that is never quiet
    time.sleep_ms(QUIET_MS // 2)
    bounce(edges.bounces % 2, 0)
assert edges.count == 1
assert edges.bounces == 10
