"""Tasks await signals that handlers set: with others running and without, in several loops, cancelled, and together."""

import asyncio
import time

import board
from corten import wake_queue
from corten.irq import Interrupt
from corten.native import native
from corten.signal import Signal, set_signal
from corten.waiting import changed

signals = [Signal() for _ in range(6)]
lines = [Interrupt(board.IRQ_COUNT - 1 - n) for n in range(6)]
for number, line in enumerate(lines):
    signal = signals[number]
    line.bind(native(set_signal, signal.address, uses=signal))
    line.enable()


async def wait(number, counts):
    while True:
        count = await signals[number]
        counts[number] += count


async def busy(log):
    while True:
        log[0] += 1
        await asyncio.sleep_ms(0)


async def main():
    counts, turns = [0] * 6, [0]
    tasks = [asyncio.create_task(wait(n, counts)) for n in range(6)]
    await asyncio.sleep_ms(1)
    for turn in range(10):
        for n in range(6):
            for _ in range(n + turn):
                lines[n].pend()
        await asyncio.sleep_ms(20)  # six turns take a slow core some milliseconds
    assert counts == [45 + 10 * n for n in range(6)], counts
    other = asyncio.create_task(busy(turns))
    for _ in range(20):
        lines[3].pend()
        before = turns[0]
        while counts[3] != 76:
            await asyncio.sleep_ms(0)
        counts[3] -= 1
        assert turns[0] - before <= 2, "the busy task went first"
    for task in (tasks[0], tasks[3], other):
        task.cancel()
    await asyncio.sleep_ms(1)
    for line in lines:
        line.pend()
    await asyncio.sleep_ms(1)
    assert counts == [45, 56, 66, 75, 86, 96], counts
    assert signals[0].take() == 1 and signals[3].take() == 1
    try:
        await asyncio.wait_for_ms(signals[0].wait_async(), 5)
        raise AssertionError("nothing set it")
    except asyncio.TimeoutError:
        pass
    lines[0].pend()
    assert await asyncio.wait_for_ms(signals[0].wait_async(), 5) == 1
    start = time.ticks_ms()
    await asyncio.sleep_ms(20)
    assert 20 <= time.ticks_diff(time.ticks_ms(), start) <= 24
    for task in tasks[1:3] + tasks[4:]:
        task.cancel()
    lines[0].pend()
    await changed(signals[0].address, signals[0]._words[1])
    return signals[0].take()


for sleep in (wake_queue._sleep, wake_queue._idle):  # and as on a port that cannot sleep without its tick
    wake_queue._sleep = sleep
    assert asyncio.run(main()) == 1
    asyncio.new_event_loop()


async def forever():
    await signals[5]


async def leave():
    return asyncio.create_task(forever())


asyncio.run(leave())
for line in lines:
    line.unbind()
