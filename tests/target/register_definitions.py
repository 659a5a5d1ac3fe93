"""A definition that makes no sense is refused where it is made."""

from corten.register import RW, Block, Field, Reg


class Skewed(Block):
    WORD = Reg(0x4)


def refused(words, action):
    try:
        action()
    except ValueError as error:
        assert words in str(error), error
    else:
        raise AssertionError("%s was not refused" % words)


refused("32 bits cannot be at offset 0x2", lambda: Reg(0x2))
refused("16 bits cannot be at offset 0x1", lambda: Reg(0x1, width=16))
refused("32 bits cannot be at offset", lambda: Reg(-4))
refused("8, 16 or 32 bits wide, not 24", lambda: Reg(0x0, width=24))
refused("access is one of", lambda: Reg(0x0, "rw"))
refused("access is one of", lambda: Field(0, access="rw"))
refused("overlaps", lambda: Reg(0x0, RW, A=Field(0, 4), B=Field(3)))
refused("outside its 8 bits", lambda: Reg(0x0, RW, width=8, A=Field(7, 2)))
refused("bit >= 0", lambda: Field(-1))
refused("width >= 1", lambda: Field(0, 0))
refused("reset value", lambda: Reg(0x0, width=8, reset=0x100))
refused("not aligned to 32 bits", lambda: Skewed(0x2000_0002).WORD)
