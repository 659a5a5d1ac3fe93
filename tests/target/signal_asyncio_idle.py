# needs: timer
"""With all tasks waiting the core sleeps until a handler wakes one; a task that is always woken starves no other."""

import asyncio
import time

import board
from corten.native import native
from corten.signal import Signal, set_signal

PERIOD_US = 60 if board.BASEPRI else 500  # a turn of asyncio takes a Cortex-M0+ longer than 60 us
timer = board.CAPABILITIES["timer"].open()
signal, never = Signal(), Signal()
timer.interrupt.bind(native(set_signal, signal.address, timer.flag_address, timer.flag_clear, uses=signal))
timer.interrupt.enable()


async def wait_for_never():
    await never


async def beat(log):
    while True:
        await asyncio.sleep_ms(5)
        log.append(time.ticks_ms())


async def main():
    other = asyncio.create_task(wait_for_never())
    timer.start(PERIOD_US)
    for _ in range(50):
        assert await signal > 0
    log = []
    task = asyncio.create_task(beat(log))
    end = time.ticks_add(time.ticks_ms(), 200)
    count = 0
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        count += await signal
    task.cancel()
    timer.stop()
    assert count > 60_000 // PERIOD_US, count
    assert 15 <= len(log) <= 41, len(log)
    other.cancel()


asyncio.run(main())
timer.interrupt.unbind()
timer.close()
