"""A field as an attribute of its register reads and changes its own bits, and refuses what does not fit."""

import uctypes

from corten.register import RO, W1C, WO, AccessError, Block, Field, Reg

memory = bytearray(16)


class Scratch(Block):
    WORD = Reg(0x0, LOW=Field(0), MID=Field(7, 9), TOP=Field(31), WHOLE=Field(16, 15))
    HALF = Reg(0x4, width=16, A=Field(3, 5), B=Field(15))
    BYTE = Reg(0x7, width=8, A=Field(0, 3), B=Field(7))
    FLAGS = Reg(0x8, DONE=Field(0, access=W1C), ON=Field(4), BUSY=Field(5, access=RO), GO=Field(6, access=WO))
    ALL = Reg(0xC, BITS=Field(0, 32))


def refused(kind, words, action, *arguments):
    before = bytes(memory)
    try:
        action(*arguments)
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError("%s was not refused" % words)
    assert memory == before


scratch = Scratch(uctypes.addressof(memory))
for register in (scratch.WORD, scratch.HALF, scratch.BYTE):
    for name in ("LOW", "MID", "TOP", "WHOLE") if register is scratch.WORD else ("A", "B"):
        field = getattr(register, name)
        largest = field.mask >> field.bit
        for background in (0, register.mask):
            register.write(background)
            for value in (0, 1, largest, largest // 2):
                field.set(value)
                assert field.get() == value, (register, name, value, field.get())
                assert register.read() == background & ~field.mask | value << field.bit, (register, name)
            field.clear()
            field.toggle()
            assert field.get() == largest
        for wide in (largest + 1, -1, 1 << 32, (1 << 32) + 1, -(1 << 32)):
            refused(ValueError, "does not fit", field.set, wide)
        refused(TypeError, "", field.set, "1")
        field.set(True)
        assert field.get() == 1

scratch.FLAGS.write(0x21)
assert memory[8] == 0x21
scratch.FLAGS.ON.set(1)
assert memory[8] == 0x30, memory[8]
assert scratch.FLAGS.BUSY.get() == 1
refused(AccessError, "Scratch.FLAGS.BUSY is read-only", scratch.FLAGS.BUSY.set, 0)
refused(AccessError, "Scratch.FLAGS.BUSY is read-only", scratch.FLAGS.BUSY.toggle)
refused(AccessError, "Scratch.FLAGS.GO is write-only", scratch.FLAGS.GO.get)
scratch.ALL.BITS.set(0xFFFF_FFFF)
assert scratch.ALL.BITS.get() == 0xFFFF_FFFF
scratch.ALL.BITS.toggle()
assert scratch.ALL.read() == 0
