"""Frames for a noisy line: COBS, a sequence number and a CRC, so that what is lost is known, and counted.

    encoder = Encoder(64)                           decoder = Decoder(64)
    size = encoder.encode(payload, count)           while at < size:
    uart.write(encoder.buffer, size)                    at = decoder.take(chunk, at, size)
                                                        if decoder.ready: use(decoder.payload, decoder.count)

On the line a frame is COBS(sequence number, payload, CRC) and a zero; numbers have the low byte first. The number is 0
in an encoder's first frame, counts to 65535 and goes on with 1: a 0 tells that the sender started anew.

The decoder finds the next frame behind any garbage. Up to the last frame that it delivered,

    frames sent = frames delivered + lost

where `lost` comes from gaps in the numbers. What became of them is told by `bad` (a wrong CRC, or no COBS) and
`overlong`; noise between frames counts there as well, and frames whose zeros were lost count as one. What arrives twice
is counted in `duplicates` and not delivered again. This is exact as long as at most 32767 frames in a row are lost, the
CRC finds each damage, and of a sender that starts anew the frame 0 arrives.

Callers: any context, one at a time. Making one allocates; encoding and decoding do not.
"""

from array import array

from ..hot import hot, ptr8, ptr32
from . import cobs
from .crc import append_crc16, append_crc32, ends_in_crc16, ends_in_crc32

NUMBERS = 65_535  # 1 to this one, over and over; 0 is a sender's first
LATE = 64  # a number that is less than so many behind the last is that of a frame that arrived before

_NUMBER_BYTES = 2
_FILL = 0  # words of a decoder: bytes gathered, the most of them, whether a zero came
_LIMIT = 1
_ENDED = 2


def _crc(bits):
    if bits == 16:
        return append_crc16, ends_in_crc16, 2
    if bits == 32:
        return append_crc32, ends_in_crc32, 4
    raise ValueError("a CRC has 16 or 32 bits, not %r" % (bits,))


@hot
def _move(source, count: int, target, start: int):
    read = ptr8(source)
    write = ptr8(target)
    for at in range(count):
        write[start + at] = read[at]


@hot
def _move_down(data, start: int, count: int):
    both = ptr8(data)
    for at in range(count):
        both[at] = both[start + at]


@hot
def _gather(source, at: int, end: int, target, state) -> int:
    # Bytes up to a zero; more than the limit are counted and not kept. Returns the index behind what was looked at.
    read = ptr8(source)
    write = ptr8(target)
    words = ptr32(state)
    fill = int(words[_FILL])
    while at < end:
        byte = read[at]
        at += 1
        if byte == 0:
            words[_ENDED] = 1
            words[_FILL] = fill
            return at
        if fill < int(words[_LIMIT]):
            write[fill] = byte
            fill += 1
        else:
            fill = int(words[_LIMIT]) + 1
    words[_FILL] = fill
    return at


class Encoder:
    """longest: bytes of a payload. crc_bits: 16 or 32. Raises ValueError for another width.

    buffer: the last frame, with the zero that ends it. sent: frames encoded.
    """

    def __init__(self, longest, crc_bits=16):
        self._append, _, crc_bytes = _crc(crc_bits)
        self.longest = longest
        self.sent = 0
        self._number = 0
        inside = _NUMBER_BYTES + longest + crc_bytes
        self._inside = bytearray(inside)
        self.buffer = bytearray(cobs.encoded_size(inside) + 1)

    def encode(self, payload, count):
        """Make a frame of the first `count` bytes of a payload in `buffer`; return its size, the zero included.

        Raises ValueError for a payload that is longer than `longest`; it takes no number then.
        """
        if not 0 <= count <= self.longest or count > len(payload):
            raise ValueError("the payload is too long, or shorter than it says")
        inside, number = self._inside, self._number
        inside[0], inside[1] = number & 0xFF, number >> 8
        _move(payload, count, inside, _NUMBER_BYTES)
        size = self._append(inside, _NUMBER_BYTES + count)
        end = cobs.encode(inside, size, self.buffer, 0)
        self.buffer[end] = 0
        self._number = number % NUMBERS + 1
        self.sent += 1
        return end + 1


class Decoder:
    """longest: bytes of a payload. crc_bits: as the encoder's. Raises ValueError for another width.

    payload, count: the frame that was found last, until `take` is called again; ready: whether it was found by the last
    call. delivered, lost, duplicates, bad, overlong, restarts: what was counted; restarts of the sender that showed.
    """

    def __init__(self, longest, crc_bits=16):
        _, self._ends_well, self._crc_bytes = _crc(crc_bits)
        self._inside = _NUMBER_BYTES + longest + self._crc_bytes
        self._limit = cobs.encoded_size(self._inside)
        self.payload = bytearray(self._limit)
        self.count = 0
        self.ready = False
        self.delivered = self.lost = self.duplicates = self.bad = self.overlong = self.restarts = 0
        self._last = -1
        self._state = array("I", [0, self._limit, 0])

    def take(self, chunk, start, end):
        """Take bytes out of `chunk`, from index `start` up to `end`, until a frame is found; return the index behind
        what was taken."""
        state = self._state
        self.ready = False
        while start < end and not self.ready:
            start = _gather(chunk, start, end, self.payload, state)
            if state[_ENDED]:
                fill = state[_FILL]
                state[_ENDED] = state[_FILL] = 0
                if fill:
                    self._close(fill)
        return start

    def _close(self, fill):
        if fill > self._limit:
            self.overlong += 1
            return
        payload = self.payload
        size = cobs.decode(payload, fill, payload)
        if size > self._inside:
            self.overlong += 1
        elif size < _NUMBER_BYTES + self._crc_bytes or not self._ends_well(payload, size):
            self.bad += 1
        elif self._is_new(payload[0] | payload[1] << 8):
            self.count = size - _NUMBER_BYTES - self._crc_bytes
            _move_down(payload, _NUMBER_BYTES, self.count)
            self.delivered += 1
            self.ready = True

    def _is_new(self, number):
        last = self._last
        if number == last or (number and last > 0 and (last - number) % NUMBERS < LATE):
            self.duplicates += 1
            return False
        self._last = number
        if number > last:
            self.lost += number - last - 1
        elif number and last - number > NUMBERS // 2:
            self.lost += number - last + NUMBERS - 1
        else:
            self.restarts += 1
            self.lost += number
        return True
