"""Sends lines and expects each in capitals, as for uart_asyncio."""


def host(uart):
    assert uart.read(1, 10) == b"!"
    for number in range(20):
        uart.write(f"line {number}\n".encode())
        expected = f"LINE {number}\n".encode()
        got = b""
        while len(got) < len(expected):
            part = uart.read(100, 10)
            assert part, f"nothing came for 10 s after {got}"
            got += part
        assert got == expected
