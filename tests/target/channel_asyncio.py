"""asyncio's ends: a receiver gets what a sender sends, in order; a wait that is cancelled or too long loses nothing."""

import asyncio

from corten.channel import Channel


async def send(channel, items):
    for item in items:
        await channel.send(item)


async def receive(channel, count):
    got = []
    async for item in channel:
        got.append(item)
        if len(got) == count:
            break
    return got


async def main():
    for channel, items in (
        (Channel.words(4), [0xFFFF_FFF0 + n & 0xFFFF_FFFF for n in range(50)]),
        (Channel.bytes(1), list(range(50))),
        (Channel.records(2, 3), [bytes((n, n, n)) for n in range(50)]),
    ):
        channel._state[0] = channel._state[1] = 0xFFFF_FFF0
        sender = asyncio.create_task(send(channel, items))
        assert await receive(channel, 50) == items
        await sender
        assert channel.refused == 0
        try:
            await asyncio.wait_for_ms(channel.receive(), 5)
            raise AssertionError("received from an empty channel")
        except asyncio.TimeoutError:
            pass
        waiting = asyncio.create_task(channel.receive())
        await asyncio.sleep_ms(1)
        waiting.cancel()
        await asyncio.sleep_ms(1)
        assert channel.put(items[0]) and await channel.receive() == items[0]
        for _ in range(channel.capacity):
            await channel.send(items[1])
        try:
            await asyncio.wait_for_ms(channel.send(items[2]), 5)
            raise AssertionError("sent into a full channel")
        except asyncio.TimeoutError:
            pass
        assert channel.refused == 0 and channel.room == 0


asyncio.run(main())
asyncio.new_event_loop()
asyncio.run(main())
