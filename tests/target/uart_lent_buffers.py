# needs: uart
# link: uart
"""Lent buffers go both ways without a copy: in order with what is written and read, cancelled, awaited; who writes to
one that is lent is refused.
"""

import asyncio

import board
from corten.critical import critical
from corten.lend import Borrowed, Buffer

EBUSY = 16
SIZE = 500

uart = board.CAPABILITIES["uart"].open(rx_size=64, tx_size=64, hold_when_full=True)


def refused(error, call):
    try:
        call()
    except error as found:
        return found
    raise AssertionError("%s was expected" % error.__name__)


# Out: a buffer larger than any ring, after bytes of the ring and before others.
buffer = Buffer(SIZE)
buffer[:] = bytes(n % 251 for n in range(SIZE))
assert uart.write(b"<") == 1
assert uart.flush(1000)
with critical:  # so that it cannot end before it was looked at
    transfer = uart.start_write(buffer)
    assert not transfer.done
    refused(Borrowed, lambda: buffer.__setitem__(0, 1))
    assert refused(OSError, lambda: uart.write(b"x")).errno == EBUSY
    assert buffer[1] == 1, "reading shares"
assert transfer.wait(5000)
assert transfer.count == SIZE
buffer[0] = 7
assert uart.write(b">") == 1
assert uart.flush(1000)
assert (uart.written, uart.sent) == (SIZE + 2, SIZE + 2)
short = uart.start_write(buffer, 3)
assert short.wait(1000) and short.count == 3
assert uart.start_write(buffer, 0).done
assert refused(ValueError, lambda: uart.start_write(buffer, SIZE + 1))

# In: what waits in the ring comes first, then the buffer, then the ring again.
uart.write(b"!")
assert uart.read(1, 5000) == b"g"
transfer = uart.start_readinto(buffer)
assert transfer.wait(10_000), transfer.count
assert buffer[:] == bytes((n * 7 + 3) % 256 for n in range(SIZE)), buffer[:20]
rest = b""
while len(rest) < 100:
    rest += uart.read(100, 5000)
assert rest == bytes(range(100)), rest
assert uart.received == 1 + SIZE + 100
assert (uart.dropped, uart.overruns) == (0, 0)

# Cancelled half-way: what came is in the buffer, what comes then in the ring.
small = Buffer(100)
transfer = uart.start_readinto(small)
assert not transfer.wait(20)
assert refused(OSError, lambda: uart.start_readinto(Buffer(1))).errno == EBUSY
assert refused(OSError, uart.read).errno == EBUSY
refused(Borrowed, lambda: small[0])
assert uart.waiting == 0
uart.write(b"!")
while transfer.count < 10:
    assert not transfer.wait(10)
assert transfer.cancel() == 10
assert transfer.cancel() == 10 and transfer.done
assert small[:11] == b"0123456789\0"
uart.write(b"!")
assert uart.readline(5000) == b"line\n"


async def both():
    going = Buffer(200)
    coming = Buffer(200)
    sending, receiving = uart.start_write(going), uart.start_readinto(coming)
    await asyncio.wait_for(sending.wait_async(), 5)
    await receiving
    assert coming[:] == b"z" * 200


asyncio.run(both())

# Closing gives back what is lent.
transfer = uart.start_readinto(small)
uart.close()
assert transfer.done and transfer.count == 0
small[0] = 1
