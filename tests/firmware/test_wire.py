"""Checks, stuffing and frames against published values, models and damage, on the host."""

import random
import zlib
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corten.wire import cobs, crc, frame, modbus_rtu
from corten.wire.frame import Decoder, Encoder

CHECK = b"123456789"  # what the catalogue of CRC algorithms computes its check values of

# S. Cheshire, M. Baker: "Consistent Overhead Byte Stuffing"; the figures' rules, applied to the corners of a block.
VECTORS = (
    (b"", b"\x01"),
    (b"\x00", b"\x01\x01"),
    (b"\x00\x00", b"\x01\x01\x01"),
    (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33"),
    (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44"),
    (b"\x11\x00\x00\x00", b"\x02\x11\x01\x01\x01"),
    (b"\x45\x00\x00\x2c\x4c\x79\x00\x00\x40\x06\x4f\x37", b"\x02\x45\x01\x04\x2c\x4c\x79\x01\x05\x40\x06\x4f\x37"),
    (bytes(range(1, 255)), b"\xff" + bytes(range(1, 255))),
    (bytes(255), b"\x01" * 256),
    (bytes(range(256)), b"\x01\xff" + bytes(range(1, 255)) + b"\x02\xff"),
    (bytes([*range(2, 256), 0]), b"\xff" + bytes(range(2, 256)) + b"\x01\x01"),
    (bytes([*range(3, 256), 0, 1]), b"\xfe" + bytes(range(3, 256)) + b"\x02\x01"),
)


def encoded(data):
    target = bytearray(cobs.encoded_size(len(data)))
    return bytes(target[: cobs.encode(data, len(data), target, 0)])


def decoded(data):
    target = bytearray(data)
    size = cobs.decode(target, len(target), target)
    return None if size == cobs.NOT_COBS else bytes(target[:size])


def test_check_values_of_the_catalogue():
    assert crc.crc16(CHECK, len(CHECK), crc.CRC16_START) == 0x4B37
    assert crc.crc32(CHECK, len(CHECK)) == 0xCBF4_3926


def test_modbus_frame_of_the_specification():
    """The example of MODBUS over Serial Line V1.02, section 6.2.2: 02 07 has the CRC 0x1241, low byte first."""
    data = bytearray(b"\x02\x07\0\0")
    assert crc.append_crc16(data, 2) == 4
    assert data == b"\x02\x07\x41\x12"
    assert crc.ends_in_crc16(data, 4)
    assert not crc.ends_in_crc16(data, 3)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_crc32_is_that_of_zlib(data):
    assert crc.crc32(data, len(data)) == zlib.crc32(data)
    longer = bytearray(data + bytes(4))
    assert crc.append_crc32(longer, len(data)) == len(longer)
    assert longer[-4:] == zlib.crc32(data).to_bytes(4, "little")
    assert crc.ends_in_crc32(longer, len(longer))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=300), st.data())
def test_one_flipped_bit_is_found(data, more):
    for append, ends_well, width in (
        (crc.append_crc16, crc.ends_in_crc16, 2),
        (crc.append_crc32, crc.ends_in_crc32, 4),
    ):
        whole = bytearray(data + bytes(width))
        append(whole, len(data))
        bit = more.draw(st.integers(0, 8 * len(whole) - 1))
        whole[bit // 8] ^= 1 << bit % 8
        assert not ends_well(whole, len(whole))


@pytest.mark.parametrize(("plain", "stuffed"), VECTORS, ids=range(len(VECTORS)))
def test_cobs_vectors(plain, stuffed):
    assert encoded(plain) == stuffed
    assert decoded(stuffed) == plain


@settings(deadline=None)
@given(st.binary(max_size=1200) | st.integers(0, 1200).map(lambda size: b"x" * size))
def test_cobs_has_no_zeros_and_comes_back(data):
    stuffed = encoded(data)
    assert 0 not in stuffed
    assert len(stuffed) <= cobs.encoded_size(len(data))
    assert decoded(stuffed) == data


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_cobs_of_garbage_is_refused_or_is_cobs(data):
    plain = decoded(data)
    if plain is not None:
        assert 0 not in data
        assert decoded(encoded(plain)) == plain


class Sender:
    """Frames of random payloads, and what they were."""

    def __init__(self, crc_bits, seed):
        self.encoder = Encoder(40, crc_bits)
        self.random = random.Random(seed)
        self.payloads = []

    def frame(self):
        payload = self.random.randbytes(self.random.randrange(41))
        self.payloads.append(payload)
        return bytes(self.encoder.buffer[: self.encoder.encode(payload, len(payload))])


def delivered(decoder, stream, chunk=7):
    found = []
    for first in range(0, len(stream), chunk):
        piece = stream[first : first + chunk]
        at = 0
        while at < len(piece):
            at = decoder.take(piece, at, len(piece))
            if decoder.ready:
                found.append(bytes(decoder.payload[: decoder.count]))
    return found


@settings(max_examples=200, derandomize=True, deadline=None)  # one damage in 65536 is none to a CRC-16
@given(st.integers(0, 2**32), st.floats(0, 0.02), st.sampled_from([16, 32]), st.integers(1, 60))
def test_every_frame_is_delivered_or_counted(seed, damage, crc_bits, chunk):
    """Bytes are dropped, doubled and flipped at random; the last frame goes through."""
    sender, noise = Sender(crc_bits, seed), random.Random(seed + 1)
    stream = bytearray()
    for byte in b"".join(sender.frame() for _ in range(100)):
        kind = noise.random() / damage if damage else 1
        if kind < 1 / 3:
            continue
        stream.append(byte ^ 1 << noise.randrange(8) if kind < 2 / 3 else byte)
        if 2 / 3 <= kind < 1:
            stream.append(byte)
    stream += b"\0" + sender.frame()
    decoder = Decoder(40, crc_bits)
    found = delivered(decoder, stream, chunk)
    assert decoder.delivered == len(found)
    assert decoder.delivered + decoder.lost == sender.encoder.sent == 101
    assert decoder.duplicates == decoder.restarts == 0
    place = -1
    for payload in found:  # in order, each as it was sent
        place = sender.payloads.index(payload, place + 1)
    if not damage:
        assert found == sender.payloads
        assert decoder.bad == decoder.overlong == decoder.lost == 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=300))
def test_frames_that_are_lost_or_come_twice(copies):
    sender, decoder = Sender(16, 1), Decoder(40)
    stream = b"".join(sender.frame() * count for count in copies) + sender.frame()
    found = delivered(decoder, stream)
    assert len(found) == decoder.delivered == sum(count > 0 for count in copies) + 1
    assert decoder.lost == copies.count(0)
    assert decoder.duplicates == copies.count(2)


def test_numbers_wrap_and_leave_out_0():
    sender, decoder = Sender(16, 1), Decoder(40)
    sender.encoder.encode(b"", 0)
    for last, lost in ((65_000, 64_999), (65_535, 534), (1, 0), (2, 0)):
        sender.encoder._number = last
        before = decoder.lost
        assert len(delivered(decoder, sender.frame())) == 1
        assert decoder.lost - before == lost + (last == 65_000)
    assert decoder.restarts == 0


def test_a_sender_that_starts_anew():
    decoder = Decoder(40)
    for sent in (100, 100):
        sender = Sender(16, sent)
        assert len(delivered(decoder, b"".join(sender.frame() for _ in range(sent)))) == sent
    assert (decoder.delivered, decoder.lost, decoder.restarts, decoder.duplicates) == (200, 0, 1, 0)


def test_a_sender_that_starts_anew_unheard():
    decoder, first, second = Decoder(40), Sender(16, 1), Sender(16, 2)
    delivered(decoder, b"".join(first.frame() for _ in range(200)))
    for _ in range(3):
        second.frame()
    assert len(delivered(decoder, second.frame())) == 1
    assert (decoder.lost, decoder.restarts) == (3, 1)


@pytest.mark.parametrize("excess", [1, 1000])
def test_what_is_too_long_is_counted_once_and_the_next_frame_is_found(excess):
    sender, decoder = Sender(16, 1), Decoder(40)
    garbage = b"x" * (cobs.encoded_size(44) + excess) + b"\0"
    assert len(delivered(decoder, garbage + sender.frame())) == 1
    assert (decoder.overlong, decoder.bad, decoder.lost) == (1, 0, 0)


@settings(deadline=None)
@given(st.binary(max_size=500))
def test_garbage_is_never_a_frame_of_a_long_crc(data):
    decoder = Decoder(40, 32)
    assert delivered(decoder, data + b"\0") == []
    assert decoder.bad + decoder.overlong == sum(bool(part) for part in (data + b"\0").split(b"\0"))


def test_what_an_encoder_refuses():
    encoder = Encoder(4)
    for payload, count in ((b"12345", 5), (b"12", 3), (b"12", -1)):
        with pytest.raises(ValueError, match="payload"):
            encoder.encode(payload, count)
    assert encoder.sent == 0
    for make in (Encoder, Decoder):
        with pytest.raises(ValueError, match="16 or 32 bits, not 8"):
            make(4, 8)


def test_quarters_of_a_character():
    """19200 baud and less: 11 bits; above, 750 and 1750 us: MODBUS over Serial Line V1.02, section 2.5.1.1."""
    assert modbus_rtu.quarter_us(9600) == 287  # of 286.46
    assert modbus_rtu.quarter_us(19_200) == 144
    for baud in (38_400, 115_200):
        quarter = modbus_rtu.quarter_us(baud)
        assert (quarter * modbus_rtu.QUARTERS_INSIDE, quarter * modbus_rtu.QUARTERS_BETWEEN) == (750, 1750)
    characters = [modbus_rtu.character_quarters(baud) for baud in (1200, 9600, 19_200, 38_400, 57_600, 115_200)]
    assert characters == [4, 4, 4, 3, 2, 1], characters


def test_tables_are_those_of_the_reversed_polynomials():
    assert (crc._SIXTEEN[0], crc._SIXTEEN[1], crc._SIXTEEN[128]) == (0, 0xC0C1, 0xA001)
    assert array("I", crc._THIRTY_TWO)[8] == 0xEDB8_8320
    assert frame.LATE < frame.NUMBERS
