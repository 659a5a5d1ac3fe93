"""Fields are read, written from the reset value, and modified with no other bit touched."""

import uctypes

from corten.register import Block, Field, Reg

memory = bytearray(4)


class Scratch(Block):
    CTRL = Reg(0, reset=0x8000_0010, EN=Field(0), MODE=Field(4, 3), TOP=Field(31))


ctrl = Scratch(uctypes.addressof(memory)).CTRL
ctrl.write(EN=1)
assert ctrl.read() == 0x8000_0011, hex(ctrl.read())
ctrl.write(MODE=5, TOP=0)
assert ctrl.read() == 0x50, hex(ctrl.read())
ctrl.write()
assert ctrl.read() == 0x8000_0010, hex(ctrl.read())
ctrl.write(0xFFFF_FFFF)
ctrl.modify(MODE=2, EN=0)
assert ctrl.read() == 0xFFFF_FFAE, hex(ctrl.read())
assert (ctrl.EN.get(), ctrl.MODE.get(), ctrl.TOP.get()) == (0, 2, 1)
