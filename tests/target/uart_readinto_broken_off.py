# needs: uart
"""Ctrl-C in the middle of `start_readinto` leaves no buffer lent, and a broken off `close` can be repeated."""

import board
from corten import uart_transfer
from corten.lend import Buffer

uart = board.CAPABILITIES["uart"].open()
buffer = Buffer(8)
lend = uart_transfer._lend


def broken_off(*args):
    lend(*args)
    raise KeyboardInterrupt


uart_transfer._lend = broken_off
try:
    uart.start_readinto(buffer)
    raise AssertionError("Ctrl-C was lost")
except KeyboardInterrupt:
    pass
finally:
    uart_transfer._lend = lend
buffer[0] = 1
assert uart.read() is None, "the ring is back"

stop = uart._stop


def interrupted():
    stop()
    raise KeyboardInterrupt


uart._stop = interrupted
try:
    uart.close()
    raise AssertionError("Ctrl-C was lost")
except KeyboardInterrupt:
    uart._stop = stop
uart.close()
assert uart.resource.owner is None
uart = board.CAPABILITIES["uart"].open()
assert uart.write(b"x") == 1
assert uart.flush(1000)
uart.close()
