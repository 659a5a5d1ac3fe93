"""machine.idle sleeps until an interrupt: at least once a millisecond, and at once for one that is pending."""

import time

import machine
import micropython

import board
from corten.irq import Interrupt
from corten.native import native


@micropython.asm_thumb
def count():
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
    label(END)


start = time.ticks_ms()
for _ in range(20):
    machine.idle()
elapsed = time.ticks_diff(time.ticks_ms(), start)
assert elapsed <= 21, elapsed

handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
line.pend()
machine.idle()
assert handler.words[0] == 1
