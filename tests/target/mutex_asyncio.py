"""A mutex goes on in the order in which tasks asked; a cancelled one neither keeps nor gets it; no other frees it."""

import asyncio

from corten.mutex import Mutex


async def use(mutex, name, log, pause_ms=1):
    async with mutex:
        log.append(name)
        assert mutex.holder is asyncio.current_task()
        await asyncio.sleep_ms(pause_ms)


async def fail(mutex):
    async with mutex:
        raise KeyError


async def main():
    mutex, log = Mutex(), []
    tasks = [asyncio.create_task(use(mutex, name, log)) for name in "abcde"]
    await asyncio.sleep_ms(0)
    tasks[1].cancel()
    try:
        mutex.release()
        raise AssertionError("released by a task that does not hold it")
    except RuntimeError:
        pass
    for task in tasks[2:]:
        await task
    assert "".join(log) == "acde" and mutex.holder is None
    try:
        await fail(mutex)
        raise AssertionError("the exception was lost")
    except KeyError:
        pass
    assert mutex.holder is None
    await mutex.acquire()
    waiting = asyncio.create_task(use(mutex, "f", log))
    await asyncio.sleep_ms(0)
    mutex.release()
    assert mutex.holder is waiting
    waiting.cancel()
    await asyncio.sleep_ms(1)
    assert mutex.holder is None and "f" not in log


asyncio.run(main())
