"""A counter that runs freely, for time stamps that machine code can read: board.CLOCK says which.

Callers: the main context. `start` allocates, and touches the counter; starting it again changes nothing but its value.
"""

import board


class NoClock(Exception):
    """The board has no counter for time stamps."""


def start():
    """Start the board's counter, and return (its address, how often it counts in a second, its largest value).

    It counts up and wraps to 0. Raises NoClock.
    """
    if board.CLOCK is None:
        raise NoClock("%s has no counter for time stamps: its file names none as `timestamps`" % board.NAME)
    block, base, clock_hz = board.CLOCK
    driver = __import__("corten.drivers." + block, None, None, ("run_clock",))
    return driver.run_clock(base, clock_hz)
