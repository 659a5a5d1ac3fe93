# needs: uart
# link: uart
"""A transfer that waits for the transmitter is cancelled: the program goes on when the transmitter is ready again."""

import time

import board
from corten.lend import Buffer

uart = board.CAPABILITIES["uart"].open()
buffer = Buffer(2048)
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 2500:
    transfer = uart.start_write(buffer)
    if not transfer.wait(300):
        gone = transfer.cancel()
        print("cancelled after", gone)
        assert gone < len(buffer)
        break  # else the emulator itself waited for the host
assert uart.sent == uart.written
assert uart.read(1, 20_000) == b"g"
assert uart.write(b"!") == 1
assert uart.flush(1000)
