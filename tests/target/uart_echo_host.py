"""Sends 64 KiB of noise, at most 4 KiB ahead of what came back, and compares."""

import random

TOTAL = 65536
AHEAD = 4096  # more than the board's rings hold, less than the sockets on the way
CHUNK = 1024


def host(uart):
    noise = random.Random(1).randbytes(TOTAL)
    assert uart.read(1, 10) == b"!"
    sent = 0
    got = b""
    while len(got) < TOTAL:
        may_send = sent < TOTAL and sent - len(got) <= AHEAD - CHUNK
        if may_send:
            uart.write(noise[sent : sent + CHUNK])
            sent += CHUNK
        part = uart.read(TOTAL, 0 if may_send else 10)
        assert part or may_send, f"nothing came for 10 s after {len(got)} bytes"
        got += part
    assert got == noise
