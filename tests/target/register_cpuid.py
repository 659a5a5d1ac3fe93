"""A read-only register of the processor itself: CPUID names an Arm Cortex-M (DDI 0403E, B3.2.3; DDI 0553B, D1.2.24)."""

from corten.register import RO, AccessError, Block, Field, Reg


class Scb(Block):
    CPUID = Reg(0x00, RO, IMPLEMENTER=Field(24, 8), PARTNO=Field(4, 12))


cpuid = Scb(0xE000_ED00).CPUID
assert cpuid.read() >> 31 == 0
assert cpuid.IMPLEMENTER.get() == 0x41
assert cpuid.PARTNO.get() >> 4 in (0xC2, 0xC6, 0xD2), hex(cpuid.PARTNO.get())
try:
    cpuid.write(0)
except AccessError:
    pass
else:
    raise AssertionError("CPUID was written")
