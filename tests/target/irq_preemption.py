"""A handler is interrupted by a line of higher priority, and not by one of its own."""

import micropython

import board
from corten.irq import Interrupt
from corten.native import count, native
from corten.register import Block, Reg


class Nvic(Block):
    ISPR = Reg(0x100)  # DDI 0403E, section B3.4.6


@micropython.asm_thumb
def pend_other_and_look():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)  # ISPR's address, the other line's bit, its counter's address, what was seen there
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 4)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    data(2, 0xF3BF, 0x8F4F)  # dsb
    data(2, 0xF3BF, 0x8F6F)  # isb
    ldr(r1, [r0, 8])
    ldr(r2, [r1, 0])
    str(r2, [r0, 12])
    label(END)


other, line = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
ispr = Nvic(0xE000_E100 + other.number // 32 * 4).ISPR
counter = native(count)
looker = native(pend_other_and_look, ispr.address, 1 << other.number % 32, counter.word_address(0))
other.bind(counter)
line.bind(looker)
other.enable()
line.enable()
line.priority = 2
other.priority = 3
line.pend()
assert (looker.words[3], counter.words[0]) == (1, 1), "the higher priority waited"
other.priority = 2
line.pend()
assert (looker.words[3], counter.words[0]) == (1, 2), "the same priority preempted"
other.priority = 1
line.pend()
assert (looker.words[3], counter.words[0]) == (2, 3), "the lower priority preempted"
