"""What operating a pin in `@hot` code costs, in instructions, beside the same effect written by hand.

Each line of output is a case, the instructions of one operation, and those of the hand-written one. It needs an
emulated board on which an instruction takes a nanosecond, and a clock for time stamps.
"""

import gc

from micropython import const

import board
from corten import clock

_RUNS = const(1000)
_REPEATS = const(3)
_SMALL = const(0x1FFF_FFFF)

pins = __import__("stm32_port" if board.PORTS else "fpga_led")
counter, counts_hz, _ = clock.start()
now = clock.reader(counter)
IN_A_COUNT = 1_000_000_000 / counts_hz  # instructions, of a nanosecond each


def counts(function, times):
    """Counts of the clock in a call, the smallest of some."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        start = now()
        function(times)
        found.append(now() - start & _SMALL)
    return min(found)


def cost(function):
    """Instructions of one turn of the function's loop."""
    return (counts(function, 2 * _RUNS) - counts(function, _RUNS)) * IN_A_COUNT / _RUNS


now()
empty = cost(pins.loop)
for name, hot, by_hand, operations in pins.CASES:
    print(name, (cost(hot) - empty) / operations, (cost(by_hand) - empty) / operations)
