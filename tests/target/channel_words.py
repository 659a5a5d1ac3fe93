"""Words come out as they went in, in order; what does not fit is refused and counted; slots are used over and over."""

from array import array

from corten.channel import Channel, Empty


def refused(kind, action, *arguments):
    try:
        action(*arguments)
    except kind:
        return
    raise AssertionError("not refused")


for capacity in (1, 2, 64):
    channel = Channel.words(capacity)
    assert (channel.capacity, channel.waiting, channel.room, channel.refused) == (capacity, 0, capacity, 0)
    assert channel.get() is None
    refused(Empty, channel.take)
    for turn in range(3):
        items = [(0xFFFF_FFFF - turn * 1000 - n) * (n + 1) & 0xFFFF_FFFF for n in range(capacity)]
        for item in items:
            assert channel.put(item)
        assert not channel.put(1) and not channel.put(2, timeout_ms=1)
        assert (channel.waiting, channel.room, channel.refused) == (capacity, 0, 2 * turn + 2)
        assert [channel.take() for _ in items] == items
    assert channel.get() is None and channel.waiting == 0

channel = Channel.words(4)
channel._state[0] = channel._state[1] = 0xFFFF_FFFE  # as after 2**32 - 2 items
for item in range(1, 6):
    assert channel.put(item) == (item < 5)
words = array("I", bytes(12))
assert channel.get_into(words) == 3 and list(words) == [1, 2, 3] and channel.waiting == 1
assert channel.get_into(words) == 1 and words[0] == 4
assert channel.get_into(words) == 0 and channel.get_into(words, timeout_ms=1) == 0
refused(ValueError, channel.put, 1 << 32)
refused(ValueError, channel.put, -1)
refused(TypeError, channel.put, "1")
refused(TypeError, channel.get_into, bytearray(4))
refused(TypeError, channel.get_into, [0])
for capacity in (0, 3, -4):
    refused(ValueError, Channel.words, capacity)
assert channel.waiting == 0 and channel.refused == 1
