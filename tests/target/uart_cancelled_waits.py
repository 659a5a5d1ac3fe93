# needs: uart
"""What waits for a lent transfer goes on when the transfer is cancelled or its UART closed, though no byte moves."""

import asyncio

import board
from corten.lend import Buffer

EBADF = 9


async def wait_for(transfer, seen):
    await transfer
    seen.append(transfer.count)


async def read_from(stream, seen):
    try:
        await stream.read(1)
    except OSError as error:
        seen.append(error.errno)


async def run(end, name):
    uart = board.CAPABILITIES["uart"].open()
    seen = []
    transfer = uart.start_readinto(Buffer(8))
    waiter = asyncio.create_task(wait_for(transfer, seen))
    await asyncio.sleep_ms(5)
    end(uart, transfer)
    await asyncio.sleep_ms(5)
    uart.close()
    if seen != [0]:
        waiter.cancel()
        raise RuntimeError("%s: who waited got %r" % (name, seen))


async def close_under_a_reader():
    uart = board.CAPABILITIES["uart"].open()
    seen = []
    reader = asyncio.create_task(read_from(asyncio.StreamReader(uart), seen))
    await asyncio.sleep_ms(5)
    uart.close()
    await asyncio.sleep_ms(5)
    if seen != [EBADF]:
        reader.cancel()
        raise RuntimeError("the reader of a closed stream got %r" % seen)


asyncio.run(run(lambda uart, transfer: transfer.cancel(), "cancel"))
asyncio.run(run(lambda uart, transfer: uart.close(), "close"))
asyncio.run(close_under_a_reader())
