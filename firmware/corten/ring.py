"""The main context's end of a byte ring in static memory whose other end is a native handler.

One producer, one consumer, no masking: each end stores only its own index, and stores it after it has copied the bytes.
One core, and an exception sees its program's stores in order (DDI 0403E, section A3.7), so no barrier is needed. The
indices run freely, modulo 2**32, so `head - tail` is the fill and a full ring uses all of its bytes.

The handler keeps the ring's state in parameter words: ADDRESS and MASK of the buffer, HEAD (bytes ever put in), TAIL
(bytes ever taken out). What does not fit is refused here, and counted by the handler that had to drop it.

Callers: the main context, one at a time. A call allocates a few views; `take` also its result.
"""

from array import array

import uctypes

ADDRESS = 1
MASK = 2
HEAD = 3
TAIL = 4

_INDEX_MASK = 0xFFFF_FFFF


class Ring:
    """size: bytes, a power of two, 2 or more. Raises ValueError for another one."""

    def __init__(self, size):
        if size < 2 or size & (size - 1):
            raise ValueError("a ring's size is a power of two from 2 on, not %r" % (size,))
        self.size = size
        self._bytes = bytearray(size)
        self._view = memoryview(self._bytes)
        self._words = array("I", bytes(4 * (TAIL + 1)))  # those of a handler once attached

    def attach(self, handler):
        """Give the ring to `handler`, a `Native` with the words above, not yet bound; empty it."""
        handler.uses = self._bytes
        self._words = handler.words
        self._words[ADDRESS] = uctypes.addressof(self._bytes)
        self._words[MASK] = self.size - 1
        self._words[HEAD] = 0
        self._words[TAIL] = 0

    @property
    def put_in(self):
        """Bytes ever put in, modulo 2**32."""
        return self._words[HEAD]

    @property
    def taken_out(self):
        """Bytes ever taken out, modulo 2**32."""
        return self._words[TAIL]

    @property
    def waiting(self):
        """Bytes in the ring."""
        return (self._words[HEAD] - self._words[TAIL]) & _INDEX_MASK

    @property
    def room(self):
        """Bytes that the ring takes now."""
        return self.size - self.waiting

    def put(self, data):
        """Copy in what fits of `data`, and return how many bytes that was. For the producer."""
        count = min(len(data), self.room)
        head = self._words[HEAD]
        at = head & (self.size - 1)
        first = min(count, self.size - at)
        data = memoryview(data)
        self._view[at : at + first] = data[:first]
        self._view[: count - first] = data[first:count]
        self._words[HEAD] = (head + count) & _INDEX_MASK
        return count

    def take_into(self, buffer):
        """Copy out as much as there is and `buffer` holds, and return how many bytes that was. For the consumer."""
        count = min(len(buffer), self.waiting)
        self._copy(memoryview(buffer), count)
        self._drop(count)
        return count

    def take(self, limit):
        """Return what there is, at most `limit` bytes. For the consumer."""
        taken = bytearray(min(limit, self.waiting))
        self.take_into(taken)
        return bytes(taken)

    def take_line(self):
        """Return the bytes up to and with the next newline, the whole of a full ring without one, else None."""
        count = self.waiting
        found = bytearray(count)
        self._copy(memoryview(found), count)
        line = bytes(found)
        end = line.find(b"\n") + 1
        if end == 0 and count < self.size:
            return None
        line = line[: end or count]
        self._drop(len(line))
        return line

    def _copy(self, buffer, count):
        at = self._words[TAIL] & (self.size - 1)
        first = min(count, self.size - at)
        buffer[:first] = self._view[at : at + first]
        buffer[first:count] = self._view[: count - first]

    def _drop(self, count):
        self._words[TAIL] = (self._words[TAIL] + count) & _INDEX_MASK
