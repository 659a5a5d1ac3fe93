"""What a log line costs, in instructions: removed by the build, filtered while it runs, and printed.

Each line of output is a case and its instructions. Built with `--log-level debug`: then trace is removed, debug is off
and info is printed, as text or framed. It needs an emulated board on which an instruction takes a nanosecond, and a
clock for time stamps.
"""

import gc

from corten import clock
from corten.log import Log

counter, counts_hz, _ = clock.start()
now = clock.reader(counter)
IN_A_COUNT = 1_000_000_000 / counts_hz  # instructions, of a nanosecond each
RUNS = 200
log = Log("bench")


def nothing(runs):
    """The loop alone."""
    for _ in range(runs):
        pass


def removed(runs):
    """What the build leaves out."""
    for number in range(runs):
        log.trace("number %d of %d", number, runs)


def off(runs):
    """What the filter holds back."""
    for number in range(runs):
        log.debug("number %d of %d", number, runs)


def unlowered(runs):
    """The same, as at the prompt."""
    for number in range(runs):
        log.debug("number %d of %d", number, runs)  # corten: keep


def on(runs):
    """What is printed."""
    for number in range(runs):
        log.info("number %d of %d", number, runs)


def cost(function):
    """Return the instructions of one run, without those of the loop."""
    counts = []
    for each in (nothing, function):
        each(10)
        gc.collect()
        gc.disable()
        start = now()
        each(RUNS)
        counts.append((now() - start) & 0x1FFF_FFFF)
        gc.enable()
    return (counts[1] - counts[0]) * IN_A_COUNT / RUNS


results = [
    (name, cost(function))
    for name, function in (("removed", removed), ("off", off), ("unlowered", unlowered), ("on", on))
]
for name, instructions in results:
    print("\ncost", name, instructions)
