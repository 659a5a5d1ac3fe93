"""Offers more than the board's ring holds, then a little more once it was read."""


def host(uart):
    assert uart.read(1, 10) == b"!"
    uart.write(bytes(n % 251 for n in range(1000)))
    assert uart.read(1, 10) == b"?"
    uart.write(b"end")
