# needs: mpu
"""The MPU has 8 regions; one of them holds what is written to it, and enabled with its background map all goes on."""

import gc

from corten.critical import critical
from corten.register import RO, Block, Field, Reg


class Mpu(Block):
    TYPE = Reg(0x0, RO, DREGION=Field(8, 8))  # DDI 0403E, section B3.5.4 to B3.5.9
    CTRL = Reg(0x4, ENABLE=Field(0), HFNMIENA=Field(1), PRIVDEFENA=Field(2))
    RNR = Reg(0x8)
    RBAR = Reg(0xC, VALID=Field(4))
    RASR = Reg(0x10, ENABLE=Field(0), SIZE=Field(1, 5), AP=Field(24, 3), XN=Field(28))


mpu = Mpu(0xE000_ED90)
assert mpu.TYPE.DREGION.get() == 8
assert mpu.CTRL.read() == 0
mpu.RNR.write(7)
mpu.RBAR.write(0x6000_0000)
mpu.RASR.write(ENABLE=1, SIZE=19, AP=0b001, XN=1)
assert mpu.RBAR.read() & ~0x1F == 0x6000_0000
assert (mpu.RASR.SIZE.get(), mpu.RASR.AP.get(), mpu.RASR.XN.get()) == (19, 1, 1)
with critical:
    mpu.CTRL.write(ENABLE=1, PRIVDEFENA=1)
try:
    assert len([bytearray(100) for _ in range(50)]) == 50
    gc.collect()
finally:
    mpu.CTRL.write(0)
    mpu.RASR.write(0)
