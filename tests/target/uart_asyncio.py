# needs: uart
# link: uart
"""The UART is a stream: select.poll sees it ready, and asyncio reads lines from it while another task runs."""

import asyncio
import select

import board

uart = board.CAPABILITIES["uart"].open()
poll = select.poll()
poll.register(uart, select.POLLIN)
assert poll.poll(5) == []
poll.modify(uart, select.POLLIN | select.POLLOUT)
assert poll.poll(5) == [(uart, select.POLLOUT)]
others = 0


async def other():
    global others
    while True:
        others += 1
        await asyncio.sleep_ms(1)


async def echo():
    task = asyncio.create_task(other())
    stream = asyncio.StreamReader(uart)
    stream.write(b"!")
    await stream.drain()
    for _ in range(20):
        line = await asyncio.wait_for(stream.readline(), 5)
        stream.write(line.upper())
        await stream.drain()
    task.cancel()


asyncio.run(echo())
assert uart.flush(5000)
assert others > 1
assert uart.dropped == 0
