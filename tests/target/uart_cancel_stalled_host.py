"""Looks at nothing for a while, then at all there is."""

import time


def host(uart):
    assert uart.read(1, 20)
    time.sleep(2)  # until what comes fills the socket; later than that shows nothing, and passes
    while uart.read(65_536, 2):
        pass
    uart.write(b"g")
    assert uart.read(1, 10) == b"!"
