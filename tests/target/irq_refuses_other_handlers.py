"""What is no template makes no handler, and what is no handler is not bound."""

import board
import micropython
from corten.irq import Interrupt, native


@micropython.asm_thumb
def no_layout():
    mov(r0, 0)


@micropython.asm_thumb
def with_argument(r0):
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    label(END)


@micropython.asm_thumb
def no_end():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    label(END)
    nop()


def refused(action):
    try:
        action()
    except TypeError:
        return
    raise AssertionError("not refused")


for wrong in (no_layout, with_argument, no_end, print, lambda: None, None, 5):
    refused(lambda: native(wrong))
    refused(lambda: Interrupt(board.IRQ_COUNT - 1).bind(wrong))
