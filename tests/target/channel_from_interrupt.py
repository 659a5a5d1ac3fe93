"""A native handler fills channels of words and of bytes; order is kept and what is lost is counted; one empties it."""

from array import array

import uctypes

import board
from corten.channel import Channel
from corten.channel_native import pop_word, push_byte, push_word
from corten.irq import Interrupt
from corten.native import native

device = array("I", [0, 7])  # a data register, and a flag that the handler clears
address = uctypes.addressof(device)
line = Interrupt(board.IRQ_COUNT - 1)
for template, channel in ((push_word, Channel.words(8)), (push_byte, Channel.bytes(8))):
    most = channel._largest
    channel._state[0] = channel._state[1] = 0xFFFF_FFFC
    line.bind(native(template, channel.native_producer(), address, address + 4, 0, uses=channel))
    line.enable()
    sent = taken = 0
    for turn in range(20):
        burst = turn % 11
        for _ in range(burst):
            sent += 1
            device[0] = most - sent
            device[1] = 7
            line.pend()
            assert device[1] == 0
        fill = min(burst, 8)
        assert channel.waiting == fill
        assert [channel.get() for _ in range(fill)] == [most - sent + burst - 1 - n for n in range(fill)]
        assert channel.get() is None
        taken += fill
        assert channel.refused == sent - taken
    assert channel.refused == 3
    line.unbind()

channel = Channel.words(4)
line.bind(native(pop_word, channel.native_consumer(), address, uses=channel))
line.enable()
for item in (5, 0xFFFF_FFFF):
    channel.put(item)
for expected in (5, 0xFFFF_FFFF, 0xFFFF_FFFF):
    line.pend()
    assert device[0] == expected
assert channel.waiting == 0 and channel.room == 4
line.unbind()
