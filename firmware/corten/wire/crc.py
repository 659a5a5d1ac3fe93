"""Cyclic redundancy checks: CRC-16 as Modbus computes it, and CRC-32 as Ethernet, zip and PNG do.

The CRC-16 is taken a byte at a time from a table of 256 values, the CRC-32 half a byte at a time from one of 16: 512
and 64 bytes of RAM.

    crc        polynomial   start        last step          of b"123456789"
    CRC-16     0x8005       0xFFFF       none               0x4B37
    CRC-32     0x04C11DB7   0xFFFFFFFF   XOR 0xFFFFFFFF     0xCBF43926

Bits are taken from the lowest one on, so the tables are of the reversed polynomials 0xA001 and 0xEDB88320. Source: the
catalogue of parametrised CRC algorithms, CRC-16/MODBUS and CRC-32/ISO-HDLC; MODBUS over Serial Line V1.02, 6.2.2.

data: bytes, a bytearray, or another buffer of bytes. count: of its first bytes, which it has to have.

Callers: any context. Nothing here allocates but `crc32`, whose result may be 2**30 or more.
"""

from array import array

from ..hot import hot, ptr8, ptr16, ptr32, uint


def _table(polynomial, bits):
    for index in range(1 << bits):
        value = index
        for _ in range(bits):
            value = value >> 1 ^ polynomial * (value & 1)
        yield value


_SIXTEEN = array("H", list(_table(0xA001, 8)))
_THIRTY_TWO = array("I", list(_table(0xEDB8_8320, 4)) + [0xFFFF_FFFF])  # the last is the start
_START = 16

CRC16_START = 0xFFFF


@hot
def crc16(data, count: int, crc: uint) -> uint:
    """Return the CRC-16 of data that follows what has `crc`, which is CRC16_START for nothing."""
    table = ptr16(_SIXTEEN)
    source = ptr8(data)
    for at in range(count):
        crc = crc >> 8 ^ table[(crc ^ source[at]) & 255]
    return crc


@hot
def _crc32(data, count: int) -> uint:
    # Without the last step.
    table = ptr32(_THIRTY_TWO)
    source = ptr8(data)
    crc = uint(table[_START])
    for at in range(count):
        crc = crc ^ source[at]
        crc = crc >> 4 ^ table[crc & 15]
        crc = crc >> 4 ^ table[crc & 15]
    return crc


def crc32(data, count):
    """Return the CRC-32."""
    return _crc32(data, count) ^ 0xFFFF_FFFF


def append_crc16(data, count):
    """Store the CRC-16 of the first `count` bytes behind them, low byte first, and return the new count."""
    crc = crc16(data, count, CRC16_START)
    data[count] = crc & 0xFF
    data[count + 1] = crc >> 8
    return count + 2


def ends_in_crc16(data, count):
    """Return whether the last two of `count` bytes are the CRC-16 of those before them."""
    return count >= 2 and crc16(data, count, CRC16_START) == 0


@hot
def append_crc32(data, count: int) -> int:
    """Store the CRC-32 of the first `count` bytes behind them, low byte first, and return the new count."""
    table = ptr32(_THIRTY_TWO)
    target = ptr8(data)
    crc = uint(table[_START])
    for at in range(count):
        crc = crc ^ target[at]
        crc = crc >> 4 ^ table[crc & 15]
        crc = crc >> 4 ^ table[crc & 15]
    for at in range(4):
        target[count + at] = (crc & 255) ^ 255
        crc = crc >> 8
    return count + 4


@hot
def ends_in_crc32(data, count: int) -> bool:
    """Return whether the last four of `count` bytes are the CRC-32 of those before them."""
    table = ptr32(_THIRTY_TWO)
    source = ptr8(data)
    crc = uint(table[_START])
    if count < 4:
        return False
    for at in range(count - 4):
        crc = crc ^ source[at]
        crc = crc >> 4 ^ table[crc & 15]
        crc = crc >> 4 ^ table[crc & 15]
    for at in range(count - 4, count):
        if uint(source[at]) != (crc & 255) ^ 255:
            return False
        crc = crc >> 8
    return True
