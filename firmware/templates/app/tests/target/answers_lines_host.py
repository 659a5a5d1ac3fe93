"""Sends two lines and compares the answers."""


def line(uart):
    """Return the next line; fails when none comes for 10 s."""
    text = b""
    while not text.endswith(b"\n"):
        part = uart.read(1, 10)
        assert part, f"nothing came for 10 s after {text!r}"
        text += part
    return text


def host(uart):
    """Play the other side."""
    assert uart.read(1, 10) == b"!"
    uart.write(b"ping\n")
    assert line(uart) == b"pong\n"
    uart.write(b"hello\n")
    assert line(uart) == b"you said hello\n"
