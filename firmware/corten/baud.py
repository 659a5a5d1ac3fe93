"""The divider of a baud rate generator.

Callers: the main context. It allocates floats.
"""

_LARGEST_ERROR = 0.025  # of the rate: half of what a receiver that samples in the middle of ten bits can stand


def divide(clock_hz, baud, smallest, largest):
    """Return (the whole divider that makes `baud` of `clock_hz` best, the rate it makes, its error).

    clock_hz: one clock a bit at divider 1. baud: bits a second. smallest, largest: what the divider can be. The error
    is a float: 0.01 is 1 % too fast. Raises ValueError, with what there is, outside of that or more than 2.5 % off.
    """
    if not isinstance(baud, int) or baud < 1:
        raise ValueError("a baud rate is a whole number from 1 on, not %r" % (baud,))
    divider = (clock_hz + baud // 2) // baud
    if not smallest <= divider <= largest:
        raise ValueError(
            "%d baud: from %d Hz this UART makes %d to %d"
            % (baud, clock_hz, clock_hz // largest + 1, clock_hz // smallest)
        )
    error = (clock_hz - divider * baud) / (divider * baud)
    made = (clock_hz + divider // 2) // divider
    if abs(error) > _LARGEST_ERROR:
        raise ValueError("%d baud: the nearest that %d Hz gives is %d" % (baud, clock_hz, made))
    return divider, made, error
