# needs: timer
"""Bounded waits end when a handler puts, and after their time; a wait without a bound ends when something comes."""

import time

import board
from corten.channel import Channel
from corten.channel_native import pop_word, push_word
from corten.native import native
from corten.signal import Signal, set_signal

PERIOD_US = 60
timer = board.CAPABILITIES["timer"].open()
timer.start(PERIOD_US)


def bind(template, address, *source):
    handler = native(template, address, *source, timer.flag_address, timer.flag_clear)
    timer.interrupt.bind(handler)
    timer.interrupt.enable()
    return handler


def took(call, shortest_ms, longest_ms, expected):
    start = time.ticks_us()
    assert call() == expected
    elapsed_us = time.ticks_diff(time.ticks_us(), start)
    assert shortest_ms * 1000 <= elapsed_us <= longest_ms * 1000, elapsed_us


channel, signal = Channel.words(2), Signal()
took(lambda: channel.get(timeout_ms=20), 19, 30, None)
took(lambda: signal.wait(20), 19, 30, 0)
assert channel.put(1) and channel.put(2, timeout_ms=1000)
took(lambda: channel.put(3, timeout_ms=20), 19, 30, False)
assert channel.refused == 1 and channel.get() == 1 and channel.get() == 2

channel.hand_over()
kept = bind(push_word, channel.native_producer(), channel.address)
took(lambda: channel.get(timeout_ms=1000), 0, 5, 2)
took(lambda: channel.get(timeout_ms=None), 0, 5, 3)
timer.interrupt.unbind()

channel = Channel.words(2)
assert channel.put(1) and channel.put(2)
sink = Channel.words(1)
kept = bind(pop_word, channel.native_consumer(), sink.address + 16)
took(lambda: channel.put(3, timeout_ms=1000), 0, 5, True)
took(lambda: channel.put(4, timeout_ms=None), 0, 5, True)
timer.interrupt.unbind()
assert channel.refused == 0

kept = bind(set_signal, signal.address)
took(lambda: signal.wait(1000) > 0, 0, 5, True)
took(lambda: signal.wait() > 0, 0, 5, True)
timer.interrupt.unbind()
timer.close()
