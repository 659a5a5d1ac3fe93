# needs: pin
# jumper: loop
# timeout: 60
"""What one pin puts out, another one reads and counts, through a wire."""

import time

import board

LONGEST_MS = 2000
output = board.take(JUMPER[0]).into_output()
source = board.take(JUMPER[1]).into_input()


def settled(level):
    start = time.ticks_ms()
    while source.read() != level:
        assert time.ticks_diff(time.ticks_ms(), start) < LONGEST_MS, "the input does not follow the output"


for level in (1, 0, 1, 0):
    output.write(level)
    settled(level)
for rising, falling in ((True, False), (False, True), (True, True)):
    edges = source.edges(rising, falling)
    for number in range(1, 11):
        output.on()
        settled(1)
        output.off()
        settled(0)
        assert edges.count == number * (rising + falling)
    edges.stop()

edges = source.edges(rising=True, debounce_ms=100)
for _ in range(3):
    output.on()
    settled(1)
    output.off()
    settled(0)
assert edges.take() == 1
assert edges.bounces == 5
time.sleep_ms(120)
output.on()
assert edges.wait(LONGEST_MS) == 1
output.close()
