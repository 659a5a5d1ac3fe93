"""A counter that runs freely, for time stamps that machine code can read: board.CLOCK says which.

Callers: the main context. `start` and `reader` allocate; `start` touches the counter and lets its clock through for
good, and starting it again changes nothing but its value. What `reader` returns serves any context, and allocates
nothing.
"""

import micropython

import board
from corten.clock_gate import open_gate
from corten.native import resident


class NoClock(Exception):
    """The board has no counter for time stamps."""


def start():
    """Start the board's counter, and return (its address, how often it counts in a second, its largest value).

    It counts up and wraps to 0. Raises NoClock.
    """
    if board.CLOCK is None:
        raise NoClock("%s has no counter for time stamps: its file names none as `timestamps`" % board.NAME)
    block, base, clock_hz, gates = board.CLOCK
    for gate in gates:
        open_gate(gate)
    driver = __import__("corten.drivers." + block, None, None, ("run_clock",))
    return driver.run_clock(base, clock_hz)


def reader(address):
    """Return a function that returns the low 29 bits of the counter at `address`: always a small integer."""

    @micropython.asm_thumb
    def now():
        b(BODY)
        b(END)
        align(4)
        data(4, 0)  # the counter's address
        label(BODY)
        mov(r1, pc)
        sub(r1, 4 + 4)
        ldr(r1, [r1, 0])
        ldr(r0, [r1, 0])
        lsl(r0, r0, 3)
        lsr(r0, r0, 3)
        label(END)

    resident(now, address)
    return now
