"""Puts and takes that do not wait, of small integers, bytes and records into a buffer, work with the heap locked."""

from array import array

import micropython

from corten.channel import Channel, Empty, WrongSide
from corten.signal import Signal
from corten.waiting import WrongContext

words, octets, records = Channel.words(2), Channel.bytes(2), Channel.records(2, 8)
into, record, signal = array("I", [0]), bytearray(8), Signal()
words._state[0] = words._state[1] = 0xFFFF_FFFF
large = 0xFFFF_FFF0
both = (words, octets)
errors = (Empty, WrongSide, WrongContext)


def use():
    count = 0
    for turn in range(3):
        for channel in both:
            count += channel.put(turn) + channel.put(5) + channel.put(6)
            count += channel.waiting + channel.room
            count += channel.get() == turn
            count += channel.take() == 5
            count += channel.get() is None
            try:
                channel.take()
            except errors:
                count += 1
        count += words.put(large)
        count += words.get_into(into)
        count += records.put(record) + records.put(b"12345678") + records.put(record)
        count += records.get_into(record) + records.get_into(record) + records.get_into(record)
        signal.set()
        signal.set()
        count += signal.take() + signal.take()
    return count


expected = found = use()
found = 0
micropython.heap_lock()
try:
    found = use()
finally:
    micropython.heap_unlock()
assert found == expected == 3 * (2 * 8 + 2 + 4 + 2), (found, expected)
assert into[0] == large and record == b"12345678"
assert words.refused == octets.refused == records.refused == 6
