"""Consistent overhead byte stuffing: any bytes, written without a zero, at the cost of one byte in 254.

A zero then ends a frame, whatever the frame holds, and a receiver that lost its place finds it again at the next zero.
Source: S. Cheshire and M. Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999.

source, target: buffers of bytes, not checked when this is machine code: the target holds `encoded_size(count)` bytes,
or `count`. count: bytes of the source.

Callers: any context. Nothing here allocates.
"""

from ..hot import hot, ptr8

_FULL = 0xFF  # the code of a block of 254 bytes without a zero behind it

NOT_COBS = -1


def encoded_size(count):
    """Return the most bytes that `count` bytes take when they are encoded, without the zero that ends them."""
    return count + count // 254 + 1


@hot
def encode(source, count: int, target, start: int) -> int:
    """Write `count` bytes without zeros to the target from index `start` on; return the index behind the last one."""
    read = ptr8(source)
    write = ptr8(target)
    code_at = start
    at = start + 1
    code = 1
    for index in range(count):
        byte = read[index]
        if byte:
            write[at] = byte
            at += 1
            code += 1
        if byte == 0 or (code == 255 and index + 1 < count):
            write[code_at] = code
            code_at = at
            at += 1
            code = 1
    write[code_at] = code
    return at


@hot
def decode(source, count: int, target) -> int:
    """Write what `count` bytes stand for to the target, which may be the source; return how many that are.

    Return NOT_COBS if there is a zero among them, or the last block is not whole.
    """
    read = ptr8(source)
    write = ptr8(target)
    at = 0
    made = 0
    while at < count:
        code = read[at]
        if code == 0 or at + code > count:
            return -1
        for index in range(1, code):
            byte = read[at + index]
            if byte == 0:
                return -1
            write[made] = byte
            made += 1
        at += code
        if code != 255 and at < count:
            write[made] = 0
            made += 1
    return made
