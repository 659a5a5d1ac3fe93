# needs: uart
# link: uart
# timeout: 120
"""Frames over a UART on which the host drops, flips and doubles bytes, both ways: each is delivered or counted."""

import time

import board
from corten.wire.frame import Decoder, Encoder

FRAMES = 200
LONGEST = 40
LAST = b"the last one"

uart = board.CAPABILITIES["uart"].open(hold_when_full=True)
encoder, decoder = Encoder(LONGEST, 32), Decoder(LONGEST, 32)
chunk = bytearray(256)
uart.write(b"!")
end = time.ticks_add(time.ticks_ms(), 60_000)
last = False
while not last:
    assert time.ticks_diff(end, time.ticks_ms()) > 0, "the last frame did not come: %d did" % decoder.delivered
    size = uart.readinto(chunk, 100) or 0
    at = 0
    while at < size:
        at = decoder.take(chunk, at, size)
        if decoder.ready:
            last = decoder.payload[: decoder.count] == LAST
            number = decoder.payload[0] | decoder.payload[1] << 8
            if not last:
                good = bytes((number * 7 + each) & 0xFF for each in range(2, decoder.count))
                assert decoder.payload[2 : decoder.count] == good, "a damaged frame was delivered"
assert decoder.delivered + decoder.lost == FRAMES + 1, (decoder.delivered, decoder.lost)
assert 0 < decoder.lost < FRAMES and decoder.bad + decoder.overlong > 0

for number in range(FRAMES):
    payload = bytes((number & 0xFF, number >> 8)) + bytes(
        (number * 7 + each) & 0xFF for each in range(2, number % 38 + 2)
    )
    size = encoder.encode(payload, len(payload))
    assert uart.write(encoder.buffer[:size], 5000) == size
for _ in range(5):  # one of them gets through
    size = encoder.encode(LAST, len(LAST))
    assert uart.write(b"\0" + encoder.buffer[:size], 5000) == size + 1
assert uart.flush(5000)
assert uart.write(b"END %d." % encoder.sent, 5000)
assert uart.read(1, 10_000) == b"."
