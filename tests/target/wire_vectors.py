"""Published check values of the CRCs, vectors of COBS, and frames there and back; none of it allocates."""

import micropython

from corten.wire import cobs, crc
from corten.wire.frame import Decoder, Encoder

CHECK = b"123456789"
assert crc.crc16(CHECK, 9, crc.CRC16_START) == 0x4B37
assert crc.crc32(CHECK, 9) == 0xCBF4_3926

VECTORS = (
    (b"", b"\x01"),
    (b"\x00", b"\x01\x01"),
    (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33"),
    (b"\x45\x00\x00\x2c\x4c\x79\x00\x00\x40\x06\x4f\x37", b"\x02\x45\x01\x04\x2c\x4c\x79\x01\x05\x40\x06\x4f\x37"),
    (bytes(range(1, 255)), b"\xff" + bytes(range(1, 255))),
    (bytes(range(256)), b"\x01\xff" + bytes(range(1, 255)) + b"\x02\xff"),
    (bytes(range(3, 256)) + b"\x00\x01", b"\xfe" + bytes(range(3, 256)) + b"\x02\x01"),
)
target = bytearray(300)
for plain, stuffed in VECTORS:
    size = cobs.encode(plain, len(plain), target, 0)
    assert bytes(target[:size]) == stuffed, (plain, bytes(target[:size]))
    size = cobs.decode(target, size, target)
    assert bytes(target[:size]) == plain, (plain, bytes(target[:size]))
assert cobs.decode(bytearray(b"\x03\x11"), 2, target) == cobs.NOT_COBS
assert cobs.decode(bytearray(b"\x02\x00"), 2, target) == cobs.NOT_COBS

frame = bytearray(b"\x02\x07\0\0")
assert crc.append_crc16(frame, 2) == 4 and frame == b"\x02\x07\x41\x12"
long = bytearray(CHECK + bytes(4))


def work(encoder, decoder, payload):
    for number in range(100):
        size = encoder.encode(payload, number % 41)
        if number % 3 == 1:
            encoder.buffer[1] ^= 0x80  # damaged, and counted as lost
        decoder.take(encoder.buffer, 0, size)
    crc.ends_in_crc16(frame, 4)
    crc.append_crc32(long, 9)
    crc.ends_in_crc32(long, 13)


for bits in (16, 32):
    encoder, decoder = Encoder(40, bits), Decoder(40, bits)
    payload = bytes(range(40))
    micropython.heap_lock()
    try:
        work(encoder, decoder, payload)
    finally:
        micropython.heap_unlock()
    assert (encoder.sent, decoder.delivered, decoder.lost, decoder.bad) == (100, 67, 33, 33), decoder.delivered
    assert bytes(decoder.payload[: decoder.count]) == payload[: 99 % 41]
    assert decoder.duplicates == decoder.overlong == decoder.restarts == 0
assert long[9:] == b"\x26\x39\xf4\xcb"
