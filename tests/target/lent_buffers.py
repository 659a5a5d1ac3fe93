"""A lent buffer shares reading and excludes writing, on the chip as on the host."""

import uctypes

from corten.lend import Borrowed, Buffer


def refused(call):
    try:
        call()
    except Borrowed as error:
        assert "UART1" in str(error)
    else:
        raise AssertionError("a lent buffer was changed")


buffer = Buffer(8)
buffer[:5] = b"hello"
with buffer.lend_shared("UART1") as loan:
    assert uctypes.bytearray_at(loan.address, loan.size) == b"hello\0\0\0"
    with buffer.lend_shared("UART2"):
        assert buffer[:5] == b"hello"
    refused(lambda: buffer.__setitem__(0, 1))
    refused(lambda: buffer.resize(100))
    refused(lambda: buffer.lend_exclusive("UART2"))
with buffer.lend_exclusive("UART1") as loan:
    refused(lambda: buffer[0])
    uctypes.bytearray_at(loan.address, loan.size)[0] = 0x4A
assert buffer[:5] == b"Jello"
buffer.resize(2)
assert buffer[:] == b"Je"
