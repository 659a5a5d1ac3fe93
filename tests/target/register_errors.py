"""What a register refuses is refused with the reason, before anything is touched."""

import uctypes

from corten.register import RO, WO, AccessError, Block, Field, Reg

memory = bytearray(b"\x55" * 12)


class Scratch(Block):
    STATUS = Reg(0x0, RO, READY=Field(0))
    COMMAND = Reg(0x4, WO, GO=Field(0))
    CTRL = Reg(0x8, EN=Field(0), MODE=Field(4, 2), BUSY=Field(7, access=RO))


def refused(kind, words, action):
    try:
        action()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError("%s was not refused" % words)
    assert memory == b"\x55" * 12


scratch = Scratch(uctypes.addressof(memory))
refused(AccessError, "Scratch.STATUS is read-only", lambda: scratch.STATUS.write(1))
refused(AccessError, "Scratch.STATUS.READY is read-only", lambda: scratch.STATUS.modify(READY=1))
refused(AccessError, "Scratch.COMMAND is write-only", scratch.COMMAND.read)
refused(AccessError, "Scratch.COMMAND is write-only", lambda: scratch.COMMAND.modify(GO=1))
refused(AccessError, "Scratch.COMMAND.GO is write-only", scratch.COMMAND.GO.get)
refused(AccessError, "Scratch.CTRL.BUSY is read-only", lambda: scratch.CTRL.write(BUSY=0))
refused(ValueError, "Scratch.CTRL.MODE is 2 bits wide, 4", lambda: scratch.CTRL.modify(EN=1, MODE=4))
refused(ValueError, "Scratch.CTRL.EN is 1 bits wide, -1", lambda: scratch.CTRL.write(EN=-1))
refused(ValueError, "Scratch.CTRL is 32 bits wide", lambda: scratch.CTRL.write(1 << 32))
refused(ValueError, "Scratch.CTRL is 32 bits wide", lambda: scratch.CTRL.write(-1))
refused(AttributeError, "Scratch.CTRL has no field ENABLE; it has BUSY, EN, MODE", lambda: scratch.CTRL.ENABLE)
refused(AttributeError, "has no field", lambda: scratch.CTRL.modify(ENABLE=1))
refused(TypeError, "not both", lambda: scratch.CTRL.write(1, EN=1))
refused(AttributeError, "Scratch has no register CONTROL", lambda: scratch.CONTROL)
