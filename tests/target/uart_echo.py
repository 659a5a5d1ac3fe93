# needs: uart
# link: uart
# timeout: 120
"""64 KiB come in on the UART and go out again, intact and completely counted."""

import board

TOTAL = 65536

uart = board.CAPABILITIES["uart"].open(hold_when_full=True)
uart.write(b"!")
chunk = bytearray(512)
view = memoryview(chunk)
echoed = 0
while echoed < TOTAL:
    count = uart.readinto(chunk, 5000)
    assert count, "nothing came for 5 s after %d bytes" % echoed
    assert uart.write(view[:count], 5000) == count
    echoed += count
assert uart.flush(5000)
assert (uart.received, uart.dropped, uart.overruns) == (TOTAL, 0, 0), (uart.received, uart.dropped, uart.overruns)
assert (uart.written, uart.sent) == (TOTAL + 1, TOTAL + 1)
