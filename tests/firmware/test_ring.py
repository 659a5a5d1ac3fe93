"""The ring against a queue, with the handler's end done as the handlers do it: one byte, then the index."""

import random
from array import array
from collections import deque

import pytest
import uctypes

from corten.ring import ADDRESS, HEAD, MASK, TAIL, Ring


class Handler:
    """A handler's parameter words, and the other end of the ring."""

    def __init__(self):
        self.uses = None
        self.words = memoryview(array("I", bytes(20)))

    def put(self, byte):
        head, tail, mask = self.words[HEAD], self.words[TAIL], self.words[MASK]
        if (head - tail) & 0xFFFF_FFFF > mask:
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


@pytest.fixture(params=[2, 8, 64])
def ring(request):
    return Ring(request.param)


@pytest.fixture(params=[0, 0xFFFF_FFF0])
def handler(ring, request):
    handler = Handler()
    ring.attach(handler)
    handler.words[HEAD] = handler.words[TAIL] = request.param
    return handler


@pytest.mark.parametrize("seed", range(10))
def test_consumer(ring, handler, seed):
    rng = random.Random(seed)
    queue = deque()
    for _ in range(500):
        for byte in rng.randbytes(rng.randrange(ring.size + 3)):
            fits = len(queue) < ring.size
            assert handler.put(byte) == fits
            if fits:
                queue.append(byte)
        assert ring.waiting == len(queue)
        wanted = rng.randrange(ring.size + 3)
        if rng.random() < 0.5:
            buffer = bytearray(wanted)
            got = bytes(buffer[: ring.take_into(buffer)])
        else:
            got = ring.take(wanted)
        assert got == bytes(queue.popleft() for _ in range(min(wanted, len(queue))))


@pytest.mark.parametrize("seed", range(10))
def test_producer(ring, handler, seed):
    rng = random.Random(seed)
    queue = deque()
    for _ in range(500):
        data = rng.randbytes(rng.randrange(ring.size + 3))
        taken = ring.put(data)
        assert taken == min(len(data), ring.size - len(queue))
        queue.extend(data[:taken])
        assert ring.room == ring.size - len(queue)
        for _ in range(rng.randrange(ring.size + 3)):
            assert handler.take() == (queue.popleft() if queue else None)


@pytest.mark.parametrize("ring", [8, 64], indirect=True)
def test_lines(handler, ring):
    def feed(data):
        return [handler.put(byte) for byte in data]

    assert ring.take_line() is None
    feed(b"ab\ncd")
    assert ring.take_line() == b"ab\n"
    assert ring.take_line() is None
    feed(b"\n\n")
    assert [ring.take_line(), ring.take_line(), ring.take_line()] == [b"cd\n", b"\n", None]
    feed(b"x" * ring.size)
    assert ring.take_line() == b"x" * ring.size
    feed(b"y\n")
    assert ring.take_line() == b"y\n"


def test_handler_keeps_the_buffer(ring, handler):
    assert uctypes.addressof(handler.uses) == handler.words[ADDRESS]


@pytest.mark.parametrize("size", [0, 1, 3, 100, -8])
def test_odd_sizes_are_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        Ring(size)
