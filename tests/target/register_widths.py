"""Registers of 8, 16 and 32 bits touch their own bytes and no others, and read unsigned."""

import uctypes

from corten.register import Block, Reg

memory = bytearray(b"\x11" * 16)


class Scratch(Block):
    BYTE = Reg(0x1, width=8)
    HALF = Reg(0x6, width=16)
    WORD = Reg(0x8)


scratch = Scratch(uctypes.addressof(memory))
scratch.BYTE.write(0xFE)
scratch.HALF.write(0xFEDC)
scratch.WORD.write(0xFEDCBA98)
assert memory == b"\x11\xfe\x11\x11\x11\x11\xdc\xfe\x98\xba\xdc\xfe\x11\x11\x11\x11", memory
assert scratch.BYTE.read() == 0xFE
assert scratch.HALF.read() == 0xFEDC
assert scratch.WORD.read() == 0xFEDCBA98
assert scratch.WORD.address == uctypes.addressof(memory) + 8
