"""Channels: queues in static memory with one producer and one consumer, in any two contexts of one core, never masking.

    samples = Channel.words(64)                                                          # 32-bit machine words
    line.bind(native(push_word, samples.native_producer(), adc.DR.address, uses=samples))
    sample = samples.get(timeout_ms=10)                                                  # None if none came

The slots and the indices are allocated when the channel is made and never move. What is put into a full channel is
refused, and counted in `refused`: items offered = items taken + items waiting + items refused. Why no end masks
interrupts and why no barrier is needed is said in `corten.channel_code`.

Each end belongs to the first context that uses it: the main context (with its soft handlers and asyncio's tasks), or
one exception number. Any other gets WrongSide, and changes nothing; the check costs 5 instructions. A native handler's
end is claimed by `native_producer` or `native_consumer`. `hand_over` lets both ends be claimed anew.

Callers: put, get, get_into and take from the main context and from hard handlers; they allocate nothing but the integer
that `get` returns when it is 2**30 or more (`get_into` does not make one), the bytes that `get` returns for a record,
and, in the main context, what waiting takes. Only the main context can wait; a handler that tries gets WrongContext.
The asyncio ends are for tasks, and allocate.
"""

from array import array

import micropython
import uctypes

from corten import channel_code as code
from corten import context, waiting
from corten.channel_code import ADDRESS, CONSUMER, HEAD, MASK, NATIVE, PRODUCER, REFUSED, SIZE, TAIL
from corten.critical import critical

_WRITABLE = (bytearray, memoryview, array)
_READABLE = (bytes, bytearray, memoryview, array)


class WrongSide(RuntimeError):
    """Another context has this end of the channel."""


class Empty(IndexError):
    """There is nothing to take."""


# Made once, so that raising them allocates nothing.
_WRONG_PRODUCER = WrongSide("another context puts into this channel")
_WRONG_CONSUMER = WrongSide("another context takes out of this channel")
_EMPTY = Empty("the channel is empty")


@micropython.viper
def _fill(state) -> int:
    indices = ptr32(state)
    return indices[0] - indices[1]


class Channel:
    """Made by `words`, `bytes` or `records`. capacity: items that it holds. address: of its state, for native code."""

    def __init__(self, capacity, slots, cell, largest, put, get):
        if capacity < 1 or capacity & (capacity - 1):
            raise ValueError("a channel's capacity is a power of two, not %r" % (capacity,))
        self.capacity = capacity
        self._slots = slots
        self._cell = cell
        self._largest = largest
        self._small = largest and min(largest, 0x3FFF_FFFF)  # the largest item for which nothing is allocated
        self._put = put
        self._get = get
        self._state = array("I", bytes(4 * (SIZE + 1)))
        self._state[MASK] = capacity - 1
        self._state[ADDRESS] = uctypes.addressof(slots)
        self._state[SIZE] = 1
        self.address = uctypes.addressof(self._state)

    @staticmethod
    def words(capacity):
        """Return a channel of integers from 0 to 2**32 - 1."""
        slots = array("I", bytes(4 * capacity))
        return Channel(capacity, slots, array("I", [0]), 0xFFFF_FFFF, code.put_word, code.get_words)

    @staticmethod
    def bytes(capacity):
        """Return a channel of integers from 0 to 255."""
        return Channel(capacity, bytearray(capacity), bytearray(1), 0xFF, code.put_byte, code.get_records)

    @staticmethod
    def records(capacity, size):
        """Return a channel of records of `size` bytes each."""
        return _Records(capacity, size)

    def put(self, item, timeout_ms=0):
        """Put `item` in; return whether there was room within `timeout_ms`, None for any time. Counts a refusal.

        Raises WrongSide, ValueError for an integer that does not fit, WrongContext if a handler would have to wait.
        """
        if not 0 <= item <= self._small:
            self._check(item)
        return self._put(self._state, timeout_ms == 0, item) == 1 or self._put_late(item, timeout_ms)

    def get(self, timeout_ms=0):
        """Take an item out and return it, or None if none came within `timeout_ms`, None for any time.

        Raises WrongSide, WrongContext if a handler would have to wait.
        """
        cell = self._cell
        if self._get(self._state, cell, 1) == 1 or self._get_late(cell, 1, timeout_ms):
            return cell[0]
        return None

    def take(self):
        """Take an item out and return it. Raises Empty, WrongSide."""
        item = self.get()
        if item is None:
            raise _EMPTY
        return item

    def get_into(self, buffer, timeout_ms=0):
        """Take out as many items as there are and `buffer` holds, wait for the first; return their number.

        buffer: an array of type code "I" for words, a bytearray for bytes. The rest of it is undefined afterwards.
        Raises TypeError for another one, WrongSide, WrongContext. Allocates nothing unless it waits.
        """
        probe = self._small
        if isinstance(buffer, _WRITABLE):
            buffer[0] = probe
            if buffer[0] == probe:
                return self._get_all(buffer, len(buffer), timeout_ms)
        raise TypeError("items are taken out into an array('I') of words, or a bytearray of bytes")

    @property
    def waiting(self):
        """Items in the channel."""
        return _fill(self._state)

    @property
    def room(self):
        """Items that it takes now."""
        return self.capacity - _fill(self._state)

    @property
    def refused(self):
        """Items that found it full, modulo 2**32."""
        return self._state[REFUSED]

    def refusals(self):
        """Return where `refused` is counted, an array of words and an index, for code that makes no large integers."""
        return self._state, REFUSED

    def native_producer(self):
        """Give the producer's end to native code, and return the address that its template wants. Raises WrongSide."""
        self._claim(PRODUCER, NATIVE)
        return self.address

    def native_consumer(self):
        """Give the consumer's end to native code, and return the address that its template wants. Raises WrongSide."""
        self._claim(CONSUMER, NATIVE)
        return self.address

    def hand_over(self):
        """Let both ends be claimed anew. The caller sees to it that nobody is using one. What is in it stays."""
        with critical:
            self._state[PRODUCER] = 0
            self._state[CONSUMER] = 0

    def send(self, item):
        """Let other asyncio tasks run until there is room, and put `item` in: `await channel.send(item)`."""
        while not self._offer(item):
            waiting.park(self.address + 4 * TAIL, self._tail_when_full())
            yield

    def receive(self):
        """Let other asyncio tasks run until there is an item, and return it: `await channel.receive()`.

        `async for item in channel` does the same over and over, and does not end by itself.
        """
        while True:
            item = self.get()
            if item is not None:
                return item
            waiting.park(self.address + 4 * HEAD, self._state[TAIL])
            yield

    __anext__ = receive

    def __aiter__(self):
        return self

    def _check(self, item):
        if not 0 <= item <= self._largest:
            raise ValueError("%r does not fit into this channel's items" % (item,))

    def _offer(self, item):
        self._check(item)
        done = self._put(self._state, 0, item)
        if done < 0:
            self._claim(PRODUCER, context.exception() + 1)
            done = self._put(self._state, 0, item)
        return done

    def _put_late(self, item, timeout_ms):
        # The end is not claimed yet, or another's, or the channel is full, which is counted already if timeout_ms is 0.
        if self._state[PRODUCER] != context.exception() + 1:
            self._claim(PRODUCER, context.exception() + 1)
            if self._put(self._state, timeout_ms == 0, item):
                return True
        if timeout_ms == 0:
            return False
        waiting.check_context()
        waiting.wait_for_change(self.address + 4 * TAIL, self._tail_when_full(), timeout_ms)
        return self._put(self._state, 1, item) == 1

    def _tail_when_full(self):
        return (self._state[HEAD] - self.capacity) & 0xFFFF_FFFF

    def _get_all(self, buffer, count, timeout_ms):
        done = self._get(self._state, buffer, count)
        return done if done > 0 else self._get_late(buffer, count, timeout_ms)

    def _get_late(self, buffer, count, timeout_ms):
        # The end is not claimed yet, or another's, or the channel is empty.
        state = self._state
        if state[CONSUMER] != context.exception() + 1:
            self._claim(CONSUMER, context.exception() + 1)
            done = self._get(state, buffer, count)
            if done:
                return done
        if timeout_ms == 0:
            return 0
        waiting.check_context()
        waiting.wait_for_change(self.address + 4 * HEAD, state[TAIL], timeout_ms)
        return self._get(state, buffer, count)

    def _claim(self, end, owner):
        with critical:
            if not self._state[end]:
                self._state[end] = owner
        if self._state[end] != owner:
            raise _WRONG_PRODUCER if end == PRODUCER else _WRONG_CONSUMER


class _Records(Channel):
    # A record is a buffer of bytes, which is copied in and out.

    def __init__(self, capacity, size):
        if size < 1:
            raise ValueError("a record has one byte or more, not %r" % (size,))
        super().__init__(capacity, bytearray(capacity * size), None, None, code.put_record, code.get_records)
        self._state[SIZE] = size
        self._size = size

    def _check(self, buffer, kinds=_READABLE):
        if not isinstance(buffer, kinds):
            raise TypeError("a record is a buffer of bytes, not %r" % (buffer,))
        if len(buffer) != self._size:
            raise ValueError("this channel's records have %d bytes, not %d" % (self._size, len(buffer)))

    def put(self, item, timeout_ms=0):
        self._check(item)
        return self._put(self._state, timeout_ms == 0, item) == 1 or self._put_late(item, timeout_ms)

    def get(self, timeout_ms=0):
        buffer = bytearray(self._size)
        return bytes(buffer) if self._get_all(buffer, 1, timeout_ms) else None

    def get_into(self, buffer, timeout_ms=0):
        """Take one record out into `buffer`; return 1, or 0 if none came within `timeout_ms`."""
        self._check(buffer, _WRITABLE)
        buffer[0] = buffer[0]  # a TypeError for one that cannot be written
        return self._get_all(buffer, 1, timeout_ms)
