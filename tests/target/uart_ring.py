"""The ring's machine code against a queue, from many states of its indices, their wrap at 2**32 included."""

import random

import uctypes

from corten.ring import ADDRESS, HEAD, MASK, TAIL, Ring


class Handler:
    """The other end of the ring, one byte at a time, as the drivers' handlers are."""

    def __init__(self, words):
        self.words = words

    def put(self, byte, limit):
        head, tail, mask = self.words[HEAD], self.words[TAIL], self.words[MASK]
        if (head - tail) & 0xFFFF_FFFF >= limit:
            return False
        uctypes.bytearray_at(self.words[ADDRESS] + (head & mask), 1)[0] = byte
        self.words[HEAD] = (head + 1) & 0xFFFF_FFFF
        return True

    def take(self):
        head, tail, mask = self.words[HEAD], self.words[TAIL], self.words[MASK]
        if head == tail:
            return None
        byte = uctypes.bytearray_at(self.words[ADDRESS] + (tail & mask), 1)[0]
        self.words[TAIL] = (tail + 1) & 0xFFFF_FFFF
        return byte


def some(count):
    return bytes(random.getrandbits(8) for _ in range(count))


def consume(ring, handler, queue):
    for byte in some(random.randrange(ring.size + 3)):
        fits = len(queue) < ring.size
        assert handler.put(byte, ring.size) == fits
        if fits:
            queue.append(byte)
    assert ring.waiting == len(queue) and ring.room == ring.size - len(queue)
    wanted = random.randrange(ring.size + 3)
    if random.getrandbits(1):
        buffer = bytearray(wanted + 8)
        count = ring.take_into(memoryview(buffer)[4:], wanted)
        assert buffer[:4] == bytes(4) and buffer[4 + count :] == bytes(wanted + 4 - count), "it wrote beside"
        got = buffer[4 : 4 + count]
    else:
        got = ring.take(wanted)
    assert list(got) == queue[:wanted], (got, queue)
    del queue[:wanted]


def produce(ring, handler, queue):
    data = some(random.randrange(ring.size + 3))
    taken = ring.put(data, len(data))
    assert taken == min(len(data), ring.size - len(queue))
    queue.extend(data[:taken])
    for _ in range(random.randrange(ring.size + 3)):
        assert handler.take() == (queue.pop(0) if queue else None)


random.seed(1)
for size in (2, 8, 64):
    for start in (0, 0xFFFF_FFF0):
        for ends in (consume, produce):
            ring = Ring(size)
            handler = Handler(ring.words)
            ring.words[HEAD] = ring.words[TAIL] = start
            queue: list = []
            for _ in range(40):
                ends(ring, handler, queue)

ring = Ring(8)
handler = Handler(ring.words)
assert ring.take_line() is None
assert [handler.put(byte, 8) for byte in b"ab\ncd"] == [True] * 5
assert [ring.take_line(), ring.take_line()] == [b"ab\n", None]
assert [handler.put(byte, 8) for byte in b"\n\n"] == [True] * 2
assert [ring.take_line(), ring.take_line(), ring.take_line()] == [b"cd\n", b"\n", None]
assert [handler.put(byte, 8) for byte in b"x" * 8] == [True] * 8
assert ring.take_line() == b"x" * 8
assert ring.take_line() is None

for size in (0, 1, 3, 100, -8):
    try:
        Ring(size)
    except ValueError as error:
        assert str(size) in str(error)
    else:
        raise AssertionError("a ring of %d bytes was made" % size)
