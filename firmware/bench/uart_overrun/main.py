"""Receives with interrupts masked for most of the time, into a ring that is read too seldom, and says what became of
the bytes. The host sends some when it is told to go, as fast as it can; each of them is half of their number.

Each line of output after "go" is what became of them: bytes that were delivered, dropped, and counted as overruns.
"""

import random
import time

import board
from corten.critical import critical

ROUNDS = 100
RING = 64
LONGEST_MS = 20_000  # of a round, before what is missing is taken to be lost without a count
LONGEST_TURNS = 3000  # of a loop with interrupts masked
QUIET_MS = 20  # after that the ring is read although it is not full


def play(uart):
    """Return what became of the bytes of one round."""
    dropped, overruns = uart.dropped, uart.overruns
    delivered, sent = 0, None
    print("go")
    seen, last = uart.received, time.ticks_ms()
    end = time.ticks_add(last, LONGEST_MS)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        with critical:
            for _ in range(random.randrange(LONGEST_TURNS)):
                pass
        if uart.received != seen:
            seen, last = uart.received, time.ticks_ms()
        is_full = uart.waiting == RING and random.getrandbits(3) == 0
        if is_full or time.ticks_diff(time.ticks_ms(), last) > QUIET_MS:
            found = uart.read()
            if found:
                delivered += len(found)
                sent = 2 * found[0]
        if delivered + uart.dropped - dropped + uart.overruns - overruns == sent:
            break
    return delivered, uart.dropped - dropped, uart.overruns - overruns


def main():
    """Play the rounds."""
    with board.CAPABILITIES["uart"].open(owner="the bench", rx_size=RING) as uart:
        for _ in range(ROUNDS):
            print(*play(uart))


if __name__ == "__main__":
    main()
