# needs: fpu
"""The FPU computes, and an interrupt that uses it does not disturb the program's floating-point state."""

import math
from array import array

import micropython

import board
from corten.irq import Interrupt
from corten.native import native
from corten.register import Block, Reg


@micropython.asm_thumb
def spoil():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4)
    ldr(r1, [r0, 0])
    add(r1, 1)
    str(r1, [r0, 0])
    vmov(s0, r1)
    vmov(s1, r1)
    vmul(s0, s0, s1)
    label(END)


@micropython.asm_thumb
def sum_with_interrupt(r0, r1, r2, r3):
    # r0 is where three floats are; r1 and r2 pend the line between loading and adding them
    vldr(s0, [r0, 0])
    vldr(s1, [r0, 4])
    str(r2, [r1, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb
    vadd(s0, s0, s1)
    vstr(s0, [r0, 8])


class Nvic(Block):
    ISPR = Reg(0x100)  # DDI 0403E, section B3.4.6


assert abs(math.sqrt(2.0) ** 2 - 2.0) < 1e-6
handler = native(spoil)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
ispr = Nvic(0xE000_E100 + line.number // 32 * 4).ISPR.address
floats = array("f", [1.5, 2.25, 0.0])
for _ in range(100):
    floats[2] = 0.0
    sum_with_interrupt(floats, ispr, 1 << line.number % 32, 0)
    assert floats[2] == 3.75, floats[2]
assert handler.words[0] == 100
