"""What channels, signals and locks between tasks cost, in instructions, beside MicroPython's own.

Each line of output is a case, its instructions, and those of what it is compared with. It needs an
emulated board on which an instruction takes a nanosecond, a clock for time stamps and a timer.
"""

import asyncio
import gc
from array import array
from collections import deque

import micropython
import uctypes
from micropython import const

import board
from corten import clock
from corten.channel import Channel
from corten.channel_native import push_word
from corten.hard import hard
from corten.hot import hot
from corten.irq import Interrupt
from corten.mutex import Mutex
from corten.native import native
from corten.nvic import NVIC, Lines
from corten.signal import Signal, set_signal

_SMALL = const(0x1FFF_FFFF)
_ITEMS = const(1000)
_HALF = const(490)
_WAKES = const(100)
_PERIOD_US = const(61)  # between two interrupts: no multiple of what a loop takes, so they come at any place of it
_SWITCHES = const(20)


counter, counts_hz, _ = clock.start()
now = clock.reader(counter)
IN_A_COUNT = 1_000_000_000 / counts_hz  # instructions, of a nanosecond each
timer = board.CAPABILITIES["timer"].open(owner="the bench")
channel = Channel.words(1024)
free = Interrupt(board.IRQ_COUNT - 1)  # a line that nothing else uses
ispr = Lines(NVIC + free.number // 32 * 4).ISPR.address
line_bit = 1 << free.number % 32
stamp = array("I", [0])


@micropython.viper
def pend_many(count: int):
    """Pend the free line, over and over."""
    pend = ptr32(ispr)
    bit = int(line_bit)
    for _ in range(count):
        pend[0] = bit


@hot
def hot_loop(count: int):
    """What the loop of the next one costs."""
    for _ in range(count):
        pass


@hot
def hot_take(count: int):
    """Take words that are there."""
    for _ in range(count):
        channel.take()


@micropython.viper
def viper_take(count: int):
    """The same by hand: index, slot, index."""
    state = ptr32(channel._state)
    for _ in range(count):
        tail = state[1]
        if state[0] == tail:
            return
        slots = ptr32(state[3])
        slots[tail & state[2]]
        state[1] = tail + 1


def plain_loop(count, _):
    """What the loops of the next ones cost."""
    for _ in range(count):
        pass


def plain_put(count, put):
    """Put small integers."""
    for number in range(count):
        put(number)


def plain_get(count, get):
    """Take them out."""
    for _ in range(count):
        get()


def call_many(count, function):
    """Call a function without arguments."""
    for _ in range(count):
        function()


def instructions(function, *arguments):
    """Instructions of one call, a collection before it."""
    gc.collect()
    start = now()
    function(*arguments)
    return (now() - start & _SMALL) * IN_A_COUNT


def each(function, *more):
    """Instructions of one turn of a function's loop, its own included."""
    return instructions(function, _ITEMS, *more) / _ITEMS


def words():
    """A native handler's push with a hot function's pop, and both ends in Python."""
    free.bind(native(push_word, channel.native_producer(), uctypes.addressof(stamp), uses=channel))
    masked = each(pend_many)
    free.unpend()
    free.enable()
    push = each(pend_many) - masked
    free.unbind()
    assert channel.waiting == _ITEMS
    channel.get()
    loop = instructions(hot_loop, _HALF)
    pop = (instructions(hot_take, _HALF) - loop) / _HALF
    by_hand = (instructions(viper_take, _HALF) - loop) / _HALF
    assert (channel.waiting, channel.refused) == (_ITEMS - 1 - 2 * _HALF, 0)
    print("channel/push/native", push)
    print("channel/pop/hot", pop, by_hand)
    print("channel/word", push + pop, push + by_hand)
    while channel.get() is not None:
        pass
    channel.hand_over()
    queue: deque = deque([], _ITEMS)  # noqa: RUF037 - MicroPython wants both
    channel.put(1)
    channel.get()
    for name, case, ours, theirs in (
        ("channel/put/unlowered", plain_put, channel.put, queue.append),
        ("channel/get/unlowered", plain_get, channel.get, queue.popleft),
    ):
        print(name, each(case, ours) - each(plain_loop, None), each(case, theirs) - each(plain_loop, None))


def sets():
    """Setting a signal."""
    signal = Signal()
    free.bind(native(set_signal, signal.address, uses=signal))
    masked = each(pend_many)
    free.unpend()
    free.enable()
    print("signal/set/native", each(pend_many) - masked)
    free.unbind()
    print("signal/set/unlowered", each(call_many, signal.set) - each(plain_loop, None))
    signal.take()
    print("signal/take/unlowered", each(call_many, signal.take) - each(plain_loop, None))


@micropython.asm_thumb
def stamp_and_set():
    """A template: keep the time, set a signal, clear a flag. Words: clock, signal, stamp, flag, what clears it."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 5)
    data(2, 0xC83E)  # ldm r0!, {r1, r2, r3, r4, r5}
    ldr(r1, [r1, 0])
    str(r1, [r3, 0])
    ldr(r1, [r2, 0])
    add(r1, 1)
    str(r1, [r2, 0])
    str(r5, [r4, 0])
    label(END)


async def arrive(wait, found):
    """From the stamp to the line after the await."""
    for _ in range(_WAKES):
        await wait()
        found.append(now() - (stamp[0] & _SMALL) & _SMALL)


async def busy():
    """A task that is always due."""
    while True:
        await asyncio.sleep_ms(0)


async def with_busy(wait, found):
    """The same beside such a task."""
    other = asyncio.create_task(busy())
    await arrive(wait, found)
    other.cancel()


def latency(case, wait, handler):
    """Mean instructions from a set in the timer's handler to the task."""
    interrupt = timer.interrupt
    interrupt.bind(handler)
    interrupt.enable()
    found: list = []
    asyncio.run(arrive(wait, []))
    gc.collect()
    asyncio.run(case(wait, found))
    interrupt.unbind()
    asyncio.new_event_loop()
    return sum(found) * IN_A_COUNT / len(found)


def hard_handler(flag):
    """A handler in Python that sets a signal or a flag."""

    def handler():
        timer.acknowledge()
        stamp[0] = now()
        flag.set()

    return hard(handler)


async def switches():
    """Instructions of a switch between two tasks that are always due."""
    other = asyncio.create_task(busy())
    await asyncio.sleep_ms(0)
    gc.collect()
    start = now()
    for _ in range(_SWITCHES):
        await asyncio.sleep_ms(0)
    elapsed = now() - start & _SMALL
    other.cancel()
    return elapsed * IN_A_COUNT / (2 * _SWITCHES)


async def beside_a_waiter():
    """The same while a task waits for a signal."""
    other = asyncio.create_task(arrive(Signal().wait_async, []))
    await asyncio.sleep_ms(0)
    elapsed = await switches()
    other.cancel()
    return elapsed


async def locks(lock):
    """Instructions of taking and leaving a lock for which nobody waits."""
    gc.collect()
    async with lock:
        pass
    start = now()
    for _ in range(_SWITCHES):
        async with lock:
            pass
    return (now() - start & _SMALL) * IN_A_COUNT / _SWITCHES


def main():
    """Measure every case; asyncio's own come first, for the first wait for a signal changes its loop."""
    now()
    words()
    sets()
    timer.start(_PERIOD_US)
    flag, signal = asyncio.ThreadSafeFlag(), Signal()
    theirs = asyncio.run(switches())
    theirs_idle = latency(arrive, flag.wait, hard_handler(flag))
    theirs_busy = latency(with_busy, flag.wait, hard_handler(flag))
    print("asyncio/switch", asyncio.run(beside_a_waiter()), theirs)
    print("asyncio/lock", asyncio.run(locks(Mutex())), asyncio.run(locks(asyncio.Lock())))
    flag_words = (timer.flag_address, timer.flag_clear)
    template = native(stamp_and_set, counter, signal.address, uctypes.addressof(stamp), *flag_words)
    wait = signal.wait_async
    for name, case, baseline in (("idle", arrive, theirs_idle), ("busy", with_busy, theirs_busy)):
        print("signal/to-task-%s" % name, latency(case, wait, hard_handler(signal)), baseline)
        print("signal/to-task-%s/native" % name, latency(case, wait, template), baseline)


if __name__ == "__main__":
    main()
