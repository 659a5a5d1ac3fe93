"""Channels against a queue, their machine code done in Python: what is refused, claimed, waited for and awaited."""

import random
from array import array
from collections import deque

import models
import pytest
import uctypes

from corten import channel as channel_module
from corten import waiting
from corten.channel import Channel, Empty, WrongSide
from corten.channel_code import ADDRESS, CONSUMER, HEAD, MASK, NATIVE, NOT_YOURS, PRODUCER, REFUSED, SIZE, TAIL

WORD = 0xFFFF_FFFF


class Context:
    """The exception that runs; tests change it."""

    number = 0


def slot(state, index, width):
    return uctypes.bytearray_at(state[ADDRESS] + (index & state[MASK]) * width, width)


def put(state, refuse, item):
    if state[PRODUCER] != Context.number + 1:
        return NOT_YOURS
    if (state[HEAD] - state[TAIL]) & WORD > state[MASK]:
        state[REFUSED] = (state[REFUSED] + refuse) & WORD
        return 0
    slot(state, state[HEAD], len(item))[:] = item
    state[HEAD] = (state[HEAD] + 1) & WORD
    return 1


def get(state, target, count, width):
    if state[CONSUMER] != Context.number + 1:
        return NOT_YOURS
    done = 0
    while done < count and state[HEAD] != state[TAIL]:
        memoryview(target).cast("B")[done * width : (done + 1) * width] = slot(state, state[TAIL], width)
        state[TAIL] = (state[TAIL] + 1) & WORD
        done += 1
    return done


ASSEMBLY = {
    "exception": lambda: Context.number,
    "put_word": lambda state, refuse, item: put(state, refuse, item.to_bytes(4, "little")),
    "put_byte": lambda state, refuse, item: put(state, refuse, bytes([item])),
    "put_record": put,
    "get_words": lambda state, target, count: get(state, target, count, 4),
    "get_records": lambda state, target, count: get(state, target, count, state[SIZE]),
}


@pytest.fixture(autouse=True)
def chip(monkeypatch):
    """Machine code in Python, the main context, and a wait that ends at once."""
    for name, model in ASSEMBLY.items():
        monkeypatch.setitem(models.ASSEMBLY, name, model)
    monkeypatch.setattr(Context, "number", 0)
    monkeypatch.setattr(channel_module, "_fill", lambda state: (state[HEAD] - state[TAIL]) & WORD)
    monkeypatch.setattr(waiting, "wait_for_change", lambda address, value, timeout_ms: False)


KINDS = {
    "words": (Channel.words, lambda rng: rng.randrange(1 << 32)),
    "bytes": (Channel.bytes, lambda rng: rng.randrange(256)),
    "records": (lambda capacity: Channel.records(capacity, 3), lambda rng: rng.randbytes(3)),
}


@pytest.mark.parametrize("start", [0, 0xFFFF_FFFE])
@pytest.mark.parametrize("capacity", [1, 2, 8])
@pytest.mark.parametrize("kind", KINDS)
def test_like_a_queue(kind, capacity, start):
    make, item_of = KINDS[kind]
    rng = random.Random(capacity)
    channel, queue, refused = make(capacity), deque(), 0
    channel._state[HEAD] = channel._state[TAIL] = start
    for _ in range(500):
        if rng.random() < 0.5:
            item = item_of(rng)
            fits = len(queue) < capacity
            assert channel.put(item, timeout_ms=rng.choice([0, 1, None])) == fits
            refused += not fits
            if fits:
                queue.append(item)
        else:
            expected = queue.popleft() if queue else None
            assert channel.get(timeout_ms=rng.choice([0, 1, None])) == expected
        assert (channel.waiting, channel.room, channel.refused) == (len(queue), capacity - len(queue), refused)


def test_several_at_a_time():
    words, octets = Channel.words(4), Channel.bytes(4)
    for channel, buffer in ((words, array("I", bytes(12))), (octets, bytearray(3))):
        for item in (7, 8, 9, 10):
            channel.put(item)
        assert channel.get_into(buffer) == 3
        assert list(buffer) == [7, 8, 9]
        assert channel.get_into(buffer) == 1
        assert channel.get_into(buffer) == 0


def test_record_into_a_buffer():
    channel, buffer = Channel.records(2, 3), bytearray(b"xyz")
    assert channel.get_into(buffer) == 0
    assert buffer == b"xyz"
    channel.put(bytearray(b"abc"))
    assert channel.get_into(buffer) == 1
    assert buffer == b"abc"


def test_nothing_to_take():
    with pytest.raises(Empty):
        Channel.words(2).take()


@pytest.mark.parametrize("item", [-1, 1 << 32])
def test_items_that_do_not_fit(item):
    with pytest.raises(ValueError, match=str(item)):
        Channel.words(2).put(item)


@pytest.mark.parametrize("buffer", [[0], bytearray(4), (0,), None])
def test_buffers_that_are_none(buffer):
    with pytest.raises((TypeError, OverflowError, ValueError)):
        Channel.words(2).get_into(buffer)


@pytest.mark.parametrize("capacity", [0, 3, 100])
def test_odd_capacities(capacity):
    with pytest.raises(ValueError, match=str(capacity)):
        Channel.bytes(capacity)


def test_records_of_another_size():
    channel = Channel.records(2, 3)
    with pytest.raises(ValueError, match="3 bytes, not 4"):
        channel.put(b"abcd")
    with pytest.raises(ValueError, match="one byte"):
        Channel.records(2, 0)


def test_ends_belong_to_whom_they_were_used_by(monkeypatch):
    channel = Channel.words(2)
    monkeypatch.setattr(Context, "number", 20)
    assert channel.put(1)
    monkeypatch.setattr(Context, "number", 0)
    assert channel.get() == 1
    for number in (0, 21):
        monkeypatch.setattr(Context, "number", number)
        with pytest.raises(WrongSide):
            channel.put(2)
    with pytest.raises(WrongSide):
        channel.get()
    assert channel.waiting == 0
    with pytest.raises(WrongSide):
        channel.native_producer()
    channel.hand_over()
    assert channel.native_producer() == channel.native_consumer() == channel.address
    assert channel._state[PRODUCER] == channel._state[CONSUMER] == NATIVE
    for call in (channel.get, lambda: channel.put(1)):
        with pytest.raises(WrongSide):
            call()


def test_a_handler_cannot_wait(monkeypatch):
    channel = Channel.words(1)
    monkeypatch.setattr(Context, "number", 20)
    channel.put(1)
    with pytest.raises(waiting.WrongContext):
        channel.put(2, timeout_ms=1)
    assert channel.refused == 0
    assert channel.get() == 1
    with pytest.raises(waiting.WrongContext):
        channel.get(timeout_ms=None)


def test_asyncio_ends_wait_for_the_other_index(monkeypatch):
    parked = []
    monkeypatch.setattr(waiting, "park", lambda address, value: parked.append((address, value)))
    channel = Channel.words(1)
    receiver = channel.receive()
    next(receiver)
    assert parked.pop() == (channel.address + 4 * HEAD, 0)
    channel.put(5)
    sender = channel.send(6)
    next(sender)
    assert parked.pop() == (channel.address + 4 * TAIL, 0)
    with pytest.raises(StopIteration) as ended:
        next(receiver)
    assert ended.value.value == 5
    with pytest.raises(StopIteration):
        next(sender)
    assert channel.get() == 6
    assert channel.refused == 0
