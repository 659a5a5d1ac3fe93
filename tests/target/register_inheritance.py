"""A block has the registers of the block that it extends; two instances do not share an address."""

import uctypes

from corten.register import Block, Reg

memory = bytearray(16)
base = uctypes.addressof(memory)


class Common(Block):
    CTRL = Reg(0x0)


class Extended(Common):
    EXTRA = Reg(0x4)
    NAMES = ("no", "register")


first, second = Extended(base), Extended(base + 8)
first.CTRL.write(1)
first.EXTRA.write(2)
second.CTRL.write(3)
second.EXTRA.write(4)
assert second.NAMES == ("no", "register")
assert memory == b"\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0", memory
