"""Looks at nothing for a while, then at all there is."""

import time


def host(uart):
    time.sleep(2)  # until what comes fills the socket; later than that shows nothing, and passes
    while uart.read(65_536, 1):
        pass
    uart.write(b"g")
    assert uart.read(1, 10) == b"!"
