"""An interrupt runs, and its counter is read, with the heap locked."""

import micropython
from machine import mem32

import board
from corten.irq import Interrupt
from corten.native import count, native
from corten.register import Block, Reg


class Nvic(Block):
    ISPR = Reg(0x100)  # DDI 0403E, section B3.4.6


def pend_and_look():
    mem32[ispr] = bit
    return words[0]


handler = native(count)
words = handler.words
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
ispr = Nvic(0xE000_E100 + line.number // 32 * 4).ISPR.address
bit = 1 << line.number % 32
pend_and_look()
micropython.heap_lock()
seen = pend_and_look()
micropython.heap_unlock()
assert seen == 2, seen
