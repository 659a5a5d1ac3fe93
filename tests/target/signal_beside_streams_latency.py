# needs: timer
"""While tasks wait for streams and for signals, any interrupt has the streams asked: none waits for the next tick."""

import asyncio
import io
import time

import board
from corten.signal import Signal

PERIOD_US = 60
WAITS = 40
timer = board.CAPABILITIES["timer"].open()


class Ticks(io.IOBase):
    """A stream that is readable when the timer has ticked."""

    def __init__(self):
        self.seen = 0

    def ioctl(self, request, argument):
        return argument if request == 3 and timer.ticks != self.seen else 0

    def read(self, size):
        self.seen = timer.ticks
        return b"t"


async def wait(signal):
    await signal


async def main():
    task = asyncio.create_task(wait(Signal()))
    await asyncio.sleep_ms(1)
    stream = asyncio.StreamReader(Ticks())
    timer.start(PERIOD_US)
    start = time.ticks_us()
    for _ in range(WAITS):
        await stream.read(1)
    elapsed_us = time.ticks_diff(time.ticks_us(), start)
    timer.stop()
    task.cancel()
    assert elapsed_us < WAITS * 1000 * 3 // 4, elapsed_us


timer.on_tick()
asyncio.run(main())
timer.close()
