"""What a recorded event costs, in instructions, and what the same code costs while nothing is recorded.

Each line of output is a case, its instructions for one event, and those of its code before the trace and after it. It
needs a board with a clock, and an emulator in which an instruction takes a nanosecond.
"""

import gc

import uctypes
from micropython import const

import board
from corten import clock, trace
from corten.critical import critical
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import count, native
from corten.shared import Shared

_SMALL = const(0x0FFF_FFFF)
_RUNS = const(1000)
_REPEATS = const(3)
_EVENTS = const(64)

counter = clock.start()
address = counter[0]
instructions_of_a_count = 1_000_000_000 // counter[1]
assembly, python = Interrupt(board.DISPATCHERS[0]), Interrupt(board.DISPATCHERS[1])
shared = Shared(0)


def nothing():
    """Handle an interrupt in Python."""


def empty(count):
    """Loop: what the others cost besides."""
    for _ in range(count):
        pass


def interrupt(count):
    """Two events, of an interrupt with a native handler."""
    for _ in range(count):
        assembly.pend()


def call(count):
    """Four events, two of an interrupt and two of its handler in Python."""
    for _ in range(count):
        python.pend()


def lock(count):
    """Two events, of a critical section."""
    for _ in range(count):
        with critical:
            pass


def share(count):
    """Four events, two of a ceiling and two that name the Shared in it."""
    for _ in range(count):
        with shared.lock():
            pass


def mark(count):
    """One event."""
    for _ in range(count):
        trace.mark("here")


def now():
    """Return the clock's low bits, a small integer."""
    return int.from_bytes(uctypes.bytes_at(address, 4), "little") & _SMALL


def counts(function, runs):
    """Return the clock's counts of a call, the smallest of some."""
    found = []
    for _ in range(_REPEATS):
        gc.collect()
        begin = now()
        function(runs)
        found.append(now() - begin & _SMALL)
    return min(found)


def cost(function):
    """Return the instructions of one turn of the function's loop."""
    return (counts(function, 2 * _RUNS) - counts(function, _RUNS)) * instructions_of_a_count / _RUNS


def main():
    """Measure every case."""
    cases = ((interrupt, 2), (call, 4), (lock, 2), (share, 4), (mark, 1))
    for line, handler in ((assembly, native(count)), (python, hard(nothing))):
        line.bind(handler)
        line.enable()
    before = [cost(function) for function, _ in cases]
    trace.start(_EVENTS, counter)
    recorded = [cost(function) for function, _ in cases]
    trace.stop()
    after = [cost(function) for function, _ in cases]
    for (function, events), first, during, last in zip(cases, before, recorded, after):
        print(function.__name__, (during - first) / events, first, last)


if __name__ == "__main__":
    main()
