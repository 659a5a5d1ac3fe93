"""Two tasks take turns, at their own pace, and end when they are cancelled."""

import asyncio
import time

log = []


async def beat(name, period_ms):
    try:
        while True:
            await asyncio.sleep_ms(period_ms)
            log.append(name)
    finally:
        log.append(name + " ended")


async def main():
    tasks = [asyncio.create_task(beat("fast", 10)), asyncio.create_task(beat("slow", 25))]
    await asyncio.sleep_ms(104)
    for task in tasks:
        task.cancel()
    await asyncio.sleep_ms(0)


start = time.ticks_ms()
asyncio.run(main())
elapsed = time.ticks_diff(time.ticks_ms(), start)
assert 104 <= elapsed <= 120, elapsed
assert 9 <= log.count("fast") <= 10, log
assert 3 <= log.count("slow") <= 4, log
assert log.count("fast ended") == 1 and log.count("slow ended") == 1
