# needs: timer
"""A timer's handler puts while the main context takes, collects and allocates: none is lost unnoticed."""

import gc
import time

import board
from corten.channel import Channel
from corten.channel_native import push_word
from corten.native import native

PERIOD_US = 50
timer = board.CAPABILITIES["timer"].open()
channel = Channel.words(64)
# What it puts is the channel's own HEAD: item number n is n.
channel.native_producer()
handler = native(push_word, channel.address, channel.address, timer.flag_address, timer.flag_clear, uses=channel)
timer.interrupt.bind(handler)
timer.interrupt.enable()
timer.start(PERIOD_US)
start = time.ticks_ms()
taken = collections = 0
while taken < 3000 or not channel.refused or time.ticks_diff(time.ticks_ms(), start) < 200:
    for _ in range(20):
        item = channel.get()
        if item is None:
            break
        assert item == taken, (item, taken)
        taken += 1
    [bytearray(40) for _ in range(taken % 20)]
    if taken % 7 == 0:
        gc.collect()
        collections += 1
    if taken % 500 < 20:
        time.sleep_ms(5)  # until it is full
timer.interrupt.disable()
items = []
while True:
    item = channel.get(timeout_ms=1)
    if item is None:
        break
    items.append(item)
assert items == list(range(taken, taken + len(items)))
elapsed = time.ticks_diff(time.ticks_ms(), start)
taken += len(items)
assert channel.waiting == 0 and collections > 10
interrupts = taken + channel.refused
assert interrupts * PERIOD_US <= (elapsed + 2) * 1000, (interrupts, elapsed)
timer.interrupt.unbind()
