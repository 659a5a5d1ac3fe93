# needs: bit_band
"""A bit of SRAM is set and cleared through its word in the bit-band alias, and no other bit changes."""

import uctypes

from corten.atomic import atomic
from corten.register import BIT_BAND, W1C, AccessError, Block, Field, Reg

memory = bytearray(b"\x5a" * 12)


class Scratch(Block):
    ATOMIC = BIT_BAND
    CTRL = Reg(0x0)
    FLAGS = Reg(0x4, A=Field(0, access=W1C))
    BYTE = Reg(0x9, width=8)


def refused(kind, words, action):
    try:
        action()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError("%s was not refused" % words)


scratch = Scratch(uctypes.addressof(memory))
bits = atomic(scratch.CTRL)
bits.set(1 << 31)
bits.set(1)
bits.clear(1 << 12)
assert scratch.CTRL.read() == 0xDA5A_4A5B, hex(scratch.CTRL.read())
atomic(scratch.BYTE).clear(1 << 3)
assert memory == b"\x5b\x4a\x5a\xda" + b"\x5a" * 5 + b"\x52" + b"\x5a" * 2, memory
refused(ValueError, "changes one bit", lambda: bits.set(3))
refused(ValueError, "changes one bit", lambda: bits.clear(0))
refused(ValueError, "32 bits wide", lambda: bits.clear(1 << 32))
refused(AccessError, "no atomic toggle", lambda: bits.toggle(1))
refused(AccessError, "Scratch.FLAGS has no atomic form", lambda: atomic(scratch.FLAGS))
