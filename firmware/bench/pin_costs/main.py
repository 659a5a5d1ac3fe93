"""What a pin costs from ordinary code, in instructions, beside the call of an empty Python method.

Each line of output is a case, its instructions, and those of the call. It needs an emulated board on which an
instruction takes a nanosecond, and a clock for time stamps. A board without a light lends the first pin of a port that
nothing else has: where the emulator has no model of the port, the stores go nowhere, and cost the same.
"""

import gc

from micropython import const

import board
from corten import clock
from corten.owned import AlreadyTaken


class Empty:
    """What is measured against."""

    def method(self):
        """Do nothing."""


counter, counts_hz, _ = clock.start()
now = clock.reader(counter)
IN_A_COUNT = 1_000_000_000 / counts_hz  # instructions, of a nanosecond each

_RUNS = const(2000)
_REPEATS = const(3)
_SMALL = const(0x1FFF_FFFF)


def loop(times, subject):
    for _ in range(times):
        pass


def call(times, empty):
    for _ in range(times):
        empty.method()


def on(times, pin):
    for _ in range(times):
        pin.on()


def off(times, pin):
    for _ in range(times):
        pin.off()


def toggle(times, pin):
    for _ in range(times):
        pin.toggle()


def read(times, pin):
    for _ in range(times):
        pin.value()


def write(times, pin):
    for _ in range(times):
        pin.value(1)


def counts(function, times, subject):
    """Counts of the clock in a call, the smallest of some."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        start = now()
        function(times, subject)
        found.append(now() - start & _SMALL)
    return min(found)


def cost(function, subject):
    """Instructions of one turn of the function's loop."""
    return (counts(function, 2 * _RUNS, subject) - counts(function, _RUNS, subject)) * IN_A_COUNT / _RUNS


def output():
    """Return an output."""
    if "led" in board.CAPABILITIES:
        return board.CAPABILITIES["led"].into_output()
    prefix, count = board.PORTS[0][:2]
    for bit in range(count):
        try:
            return board.take(prefix + str(bit)).into_output()
        except AlreadyTaken:
            pass
    raise ValueError("no pin is free")


def main():
    """Measure every case."""
    now()
    pin = output()
    empty = cost(loop, None)
    baseline = cost(call, Empty()) - empty
    for name, function in (
        ("pin/on", on),
        ("pin/off", off),
        ("pin/toggle", toggle),
        ("pin/value", read),
        ("pin/value-write", write),
    ):
        print(name, cost(function, pin) - empty, baseline)


if __name__ == "__main__":
    main()
