# needs: uart
"""Waits end in time; a closed UART refuses every call and can be opened anew."""

import time

import board

peripheral = board.CAPABILITIES["uart"]
uart = peripheral.open()
start = time.ticks_ms()
assert uart.read(10, 50) is None
assert uart.readline(50) is None
assert uart.readinto(bytearray(1), 50) is None
elapsed = time.ticks_diff(time.ticks_ms(), start)
assert 150 <= elapsed < 200, elapsed
uart.close()
uart.close()
calls = (uart.read, uart.readline, uart.flush, lambda: uart.write(b"x"), lambda: uart.readinto(bytearray(1)))
for call in calls:
    try:
        call()
    except OSError as error:
        assert error.errno == 9
    else:
        raise AssertionError("a call on a closed UART went through")
assert uart.written == 0
again = peripheral.open()
assert again.write(b"x") == 1
assert again.flush(1000)
for name in (
    "received",
    "sent",
    "dropped",
    "overruns",
    "framing_errors",
    "parity_errors",
    "noise_errors",
    "breaks",
    "idles",
):
    words, index = again.counter(name)
    assert words[index] == getattr(again, name), name
