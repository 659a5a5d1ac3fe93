"""Writing 1 to one write-1-to-clear flag of the hardware leaves the others set: pending bits of the NVIC."""

import board
from corten.irq import Interrupt
from corten.register import W1C, Block, Field, Reg

LAST = board.IRQ_COUNT - 1


class Nvic(Block):
    ICPR = Reg(0x180, W1C, LAST=Field(LAST % 32), BEFORE=Field(LAST % 32 - 1))  # DDI 0403E, section B3.4.7


icpr = Nvic(0xE000_E100 + LAST // 32 * 4).ICPR
last, before = Interrupt(LAST), Interrupt(LAST - 1)
last.pend()
before.pend()
assert (icpr.LAST.get(), icpr.BEFORE.get()) == (1, 1)
icpr.write(LAST=1)
assert (icpr.LAST.get(), icpr.BEFORE.get()) == (0, 1)
last.pend()
icpr.modify(BEFORE=1)
assert (icpr.LAST.get(), icpr.BEFORE.get()) == (1, 0)
