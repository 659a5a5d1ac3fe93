# needs: uart
# link: uart
"""What does not fit into the receive ring is dropped and counted, byte for byte; what fits is kept in order."""

import time

import board

SIZE = 64
OFFERED = 1000

uart = board.CAPABILITIES["uart"].open(rx_size=SIZE)
uart.write(b"!")
end = time.ticks_add(time.ticks_ms(), 5000)
while uart.received + uart.dropped < OFFERED and time.ticks_diff(end, time.ticks_ms()) > 0:
    time.sleep_ms(1)
assert (uart.received, uart.dropped, uart.overruns) == (SIZE, OFFERED - SIZE, 0), (uart.received, uart.dropped)
assert uart.waiting == SIZE
kept = uart.read()
assert kept == bytes(n % 251 for n in range(SIZE)), kept
assert uart.read() is None
uart.write(b"?")
assert uart.read(3, 5000) and uart.received + uart.dropped > OFFERED
