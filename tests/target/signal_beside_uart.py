# needs: uart
# link: uart
"""asyncio reads lines from the UART and answers, while tasks wait for signals."""

import asyncio

import board
from corten.signal import Signal

uart = board.CAPABILITIES["uart"].open()
never, echoed = Signal(), Signal()
others = 0


async def wait_for_never():
    await never


async def count_lines():
    global others
    while True:
        others += await echoed


async def echo():
    tasks = [asyncio.create_task(wait_for_never()), asyncio.create_task(count_lines())]
    await asyncio.sleep_ms(1)
    stream = asyncio.StreamReader(uart)
    stream.write(b"!")
    await stream.drain()
    for _ in range(20):
        line = await asyncio.wait_for(stream.readline(), 5)
        stream.write(line.upper())
        await stream.drain()
        echoed.set()
    await asyncio.sleep_ms(1)
    for task in tasks:
        task.cancel()


asyncio.run(echo())
assert uart.flush(5000)
assert others == 20, others
assert uart.dropped == 0
