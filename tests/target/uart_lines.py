# needs: uart
# link: uart
"""Lines come one at a time, whole, in order, however they were sent; an endless one comes in pieces of a ring."""

import board

uart = board.CAPABILITIES["uart"].open(rx_size=32)
assert uart.readline() is None
uart.write(b"!")
for expected in (b"first\n", b"\n", b"second line\r\n"):
    line = uart.readline(5000)
    assert line == expected, line
assert uart.readline(20) is None, "half a line"
uart.write(b"!")
assert uart.readline(5000) == b"half\n"
uart.write(b"!")
line = uart.readline(5000)
assert line == b"x" * 32, line
uart.write(b"!")
assert uart.readline(5000) == b"y\n"
assert uart.dropped == 0
