"""Sends whole lines, a torn one, and one that is as long as the board's ring and goes on."""


def host(uart):
    assert uart.read(1, 10) == b"!"
    uart.write(b"first\n\nsecond line\r\nha")
    assert uart.read(1, 10) == b"!"
    uart.write(b"lf\n")
    assert uart.read(1, 10) == b"!"
    uart.write(b"x" * 32)
    assert uart.read(1, 10) == b"!"
    uart.write(b"y\n")
