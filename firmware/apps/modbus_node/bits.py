"""Bits in buffers of bytes, as Modbus packs them: the first is the lowest of the first byte.

Callers: any context. Nothing here allocates. Buffers have what is named: lowered, nothing is checked.
"""

from corten.hot import hot, ptr8


@hot
def copy_bits(source, source_bit: int, target, target_bit: int, count: int):
    """Copy `count` bits from one buffer into another, at about 30 instructions each."""
    read = ptr8(source)
    write = ptr8(target)
    for _ in range(count):
        mask = 1 << (target_bit & 7)
        kept = write[target_bit >> 3] & (255 - mask)
        if read[source_bit >> 3] >> (source_bit & 7) & 1:
            kept = kept | mask
        write[target_bit >> 3] = kept
        source_bit += 1
        target_bit += 1


@hot
def copy_bytes(source, source_at: int, target, target_at: int, count: int):
    """Copy `count` bytes from one buffer into another."""
    read = ptr8(source)
    write = ptr8(target)
    for at in range(count):
        write[target_at + at] = read[source_at + at]
