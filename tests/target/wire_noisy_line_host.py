"""The noise: drops, flips and doubles one byte in fifty on the way to the board, and on the way back."""

import random
import re

from host_tools.wire import frame

FRAMES = 200
LAST = b"the last one"
TAIL = 50  # bytes at the end that are left as they are: the last frame is among them


def noisy(data, noise):
    damaged = bytearray()
    for byte in data:
        kind = noise.randrange(150)
        if kind == 0:
            continue
        damaged.append(byte ^ 1 << noise.randrange(8) if kind == 1 else byte)
        if kind == 2:
            damaged.append(byte)
    return bytes(damaged)


def payload_of(number):
    return bytes((number & 0xFF, number >> 8)) + bytes((number * 7 + each) & 0xFF for each in range(2, number % 38 + 2))


def read_until_the_end(uart):
    """What came up to the last word, and the number in that."""
    got = b""
    while not (found := re.search(rb"END (\d+)\.$", got)):
        part = uart.read(4096, 20)
        assert part, "nothing came for 20 s"
        got += part
    return got[: found.start()], int(found[1])


def host(uart):
    noise = random.Random(1)
    encoder, decoder = frame.Encoder(40, 32), frame.Decoder(40, 32)
    assert uart.read(1, 10) == b"!"
    for number in range(FRAMES):
        payload = payload_of(number)
        uart.write(noisy(encoder.buffer[: encoder.encode(payload, len(payload))], noise))
    uart.write(b"\0" + bytes(encoder.buffer[: encoder.encode(LAST, len(LAST))]))

    stream, sent = read_until_the_end(uart)
    stream = noisy(stream[:-TAIL], noise) + stream[-TAIL:]
    found, at = [], 0
    while at < len(stream):
        at = decoder.take(stream, at, len(stream))
        if decoder.ready:
            found.append(bytes(decoder.payload[: decoder.count]))
    assert decoder.delivered == len(found)
    assert decoder.delivered + decoder.lost == sent, (decoder.delivered, decoder.lost, sent)
    assert set(found) <= {LAST, *(payload_of(number) for number in range(FRAMES))}
    assert found[-1] == LAST
    assert decoder.lost > 0
    uart.write(b".")
