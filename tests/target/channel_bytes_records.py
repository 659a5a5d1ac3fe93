"""Channels of bytes and of records: order, refusals and their count, and buffers that are refused."""

from corten.channel import Channel


def refused(kind, action, *arguments):
    try:
        action(*arguments)
    except kind:
        return
    raise AssertionError("not refused")


channel = Channel.bytes(8)
channel._state[0] = channel._state[1] = 0xFFFF_FFFB
buffer = bytearray(5)
for turn in range(5):
    for item in range(10):
        assert channel.put(item + 240 - turn) == (item < 8)
    assert channel.get_into(buffer) == 5 and buffer == bytes(range(240 - turn, 245 - turn))
    assert [channel.get(), channel.take(), channel.take(), channel.get()] == [245 - turn, 246 - turn, 247 - turn, None]
assert channel.refused == 10
refused(ValueError, channel.put, 256)
refused(TypeError, channel.put, b"a")
refused(TypeError, channel.get_into, b"read only")

for size in (1, 3, 12):
    channel = Channel.records(4, size)
    channel._state[0] = channel._state[1] = 0xFFFF_FFFE
    for turn in range(3):
        records = [bytes((turn * 7 + n * 5 + at) & 255 for at in range(size)) for n in range(4)]
        for record in records:
            assert channel.put(record)
        assert not channel.put(bytearray(size)) and channel.refused == turn + 1
        into = bytearray(size)
        assert channel.get_into(into) == 1 and into == records[0]
        assert [channel.get(), channel.take(), channel.get(timeout_ms=None)] == records[1:]
        assert channel.get() is None and channel.get_into(into) == 0 and channel.get(timeout_ms=1) is None
    refused(ValueError, channel.put, bytes(size + 1))
    refused(ValueError, channel.get_into, bytearray(size + 1))
    refused(TypeError, channel.put, [0] * size)
refused(ValueError, Channel.records, 4, 0)
