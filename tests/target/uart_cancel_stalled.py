# needs: uart
# link: uart
"""A transfer that waits for the transmitter is cancelled: the program goes on when the transmitter is ready again."""

import board
from corten.lend import Buffer

uart = board.CAPABILITIES["uart"].open()
transfer = uart.start_write(Buffer(2048))
if not transfer.wait(300):  # else the emulator itself waited for the host
    assert transfer.cancel() < 2048
assert uart.sent == uart.written
assert uart.read(1, 20_000) == b"g"
assert uart.write(b"!") == 1
assert uart.flush(1000)
