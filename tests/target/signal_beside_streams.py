"""Tasks that wait for streams and tasks that wait for signals run in one loop, asleep when nothing is due."""

import asyncio
import time

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.signal import Signal

flag, signal = asyncio.ThreadSafeFlag(), Signal()
flag_line, signal_line = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
flag_line.bind(hard(flag.set))
signal_line.bind(hard(signal.set))
flag_line.enable()
signal_line.enable()
log = []


async def wait_for_flag():
    while True:
        await flag.wait()
        log.append("flag")


async def wait_for_signal():
    while True:
        await signal
        log.append("signal")


async def main():
    tasks = [asyncio.create_task(wait_for_flag()), asyncio.create_task(wait_for_signal())]
    for _ in range(10):
        await asyncio.sleep_ms(3)
        flag_line.pend()
        await asyncio.sleep_ms(3)
        signal_line.pend()
    await asyncio.sleep_ms(3)
    assert log == ["flag", "signal"] * 10, log
    start = time.ticks_ms()
    await asyncio.sleep_ms(50)
    assert 50 <= time.ticks_diff(time.ticks_ms(), start) <= 54
    log.clear()
    tasks[0].cancel()
    await asyncio.sleep_ms(0)
    flag_line.pend()
    signal_line.pend()
    await asyncio.sleep_ms(3)
    assert log == ["signal"], log
    tasks[1].cancel()
    await asyncio.wait_for_ms(flag.wait(), 5)
    try:
        await asyncio.wait_for_ms(flag.wait(), 5)
        raise AssertionError("nothing set the flag")
    except asyncio.TimeoutError:
        pass
    tasks.append(asyncio.create_task(wait_for_flag()))
    flag_line.pend()
    signal_line.pend()
    return await signal


assert asyncio.run(main()) == 1
flag_line.unbind()
signal_line.unbind()
