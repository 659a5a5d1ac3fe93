"""Looks at what comes, and sends when it is told to."""

SIZE = 500


def take(uart, count):
    got = b""
    while len(got) < count:
        part = uart.read(count - len(got), 10)
        assert part, f"nothing came for 10 s after {len(got)} bytes"
        got += part
    return got


def host(uart):
    pattern = bytes(n % 251 for n in range(SIZE))
    assert take(uart, SIZE + 2) == b"<" + pattern + b">"
    assert take(uart, 3) == b"\x07" + pattern[1:3]
    assert take(uart, 1) == b"!"
    uart.write(b"g" + bytes((n * 7 + 3) % 256 for n in range(SIZE)) + bytes(range(100)))
    assert take(uart, 1) == b"!"
    uart.write(b"0123456789")
    assert take(uart, 1) == b"!"
    uart.write(b"line\n")
    assert take(uart, 200) == bytes(200)
    uart.write(b"z" * 200)
