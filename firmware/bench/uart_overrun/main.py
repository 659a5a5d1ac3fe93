"""Receives with interrupts masked for most of the time, into a ring that is read too seldom, and says what became of
the bytes. The host sends some when it is told to go, as fast as it can.

Each line of output after "go" is what became of them: bytes that were delivered, dropped, and counted as overruns.
"""

import random
import time

import board
from corten.critical import critical

ROUNDS = 100
QUIET_MS = 200  # after that the round's bytes are taken to be all
LONGEST = 3000  # turns of a loop with interrupts masked


def one_round(uart, arrived):
    """Return how many bytes were delivered until the line was quiet, after more than `arrived` in all."""
    delivered = 0
    last = None
    while last is None or time.ticks_diff(time.ticks_ms(), last) < QUIET_MS:
        with critical:
            for _ in range(random.randrange(LONGEST)):
                pass
        if random.getrandbits(2) == 0:
            delivered += len(uart.read() or b"")
        if uart.received + uart.dropped != arrived:
            arrived = uart.received + uart.dropped
            last = time.ticks_ms()
    return delivered + len(uart.read() or b"")


def main():
    """Play the rounds."""
    with board.CAPABILITIES["uart"].open(owner="the bench", rx_size=64) as uart:
        for _ in range(ROUNDS):
            dropped, overruns = uart.dropped, uart.overruns
            arrived = uart.received + uart.dropped
            print("go")
            print(one_round(uart, arrived), uart.dropped - dropped, uart.overruns - overruns)


if __name__ == "__main__":
    main()
