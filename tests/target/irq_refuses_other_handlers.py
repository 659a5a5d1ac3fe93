"""What is no template makes no handler, and what is no handler is not bound."""

import micropython

import board
from corten.irq import Interrupt
from corten.native import native


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


def refused(action, argument):
    try:
        action(argument)
    except TypeError:
        return
    raise AssertionError("%r was not refused" % (argument,))


for wrong in (no_layout, with_argument, no_end, print, lambda: None, None, 5):
    refused(native, wrong)
    refused(Interrupt(board.IRQ_COUNT - 1).bind, wrong)
