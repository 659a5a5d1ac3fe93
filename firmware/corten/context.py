"""Which context runs: the main one, or the handler of an interrupt, and how urgent it is.

Callers: any context. Allocates nothing. Sections are those of DDI 0403E.
"""

import micropython

import board
from corten.nvic import IPR

MAIN = 0  # the exception number of thread mode: B1.4.2

_IPR_QUARTER = IPR >> 2  # the address itself is a heap integer


@micropython.asm_thumb
def exception():
    """Return the number of the exception that runs, MAIN in the main context; lines of the NVIC begin at 16."""
    data(2, 0xF3EF, 0x8005)  # mrs r0, IPSR


@micropython.asm_thumb
def _level(r0):
    # r0: a quarter of the address of IPR, which is read by words: a Cortex-M0+ has no other access
    lsl(r0, r0, 2)
    data(2, 0xF3EF, 0x8105)  # mrs r1, IPSR
    sub(r1, 16)
    bmi(SYSTEM)
    mov(r2, 3)
    and_(r2, r1)
    lsl(r2, r2, 3)
    lsr(r1, r1, 2)
    lsl(r1, r1, 2)
    add(r0, r0, r1)
    ldr(r0, [r0, 0])
    data(2, 0x40D0)  # lsrs r0, r2
    mov(r1, 255)
    and_(r0, r1)
    b(DONE)
    label(SYSTEM)
    mov(r0, 0)
    label(DONE)


def level(priority):
    """Return what BASEPRI, or a line's priority byte, holds for `priority`, 1 to board.PRIORITIES."""
    return (board.PRIORITIES - priority) << (8 - board.PRIORITY_BITS)


@micropython.native
def priority():
    """Return the priority of the handler that runs, counted as in `corten.irq`; 0 in the main context.

    That of an exception of the system, for example SysTick, is taken to be board.PRIORITIES.
    """
    if exception() == MAIN:
        return 0
    return board.PRIORITIES - (_level(_IPR_QUARTER) >> 8 - board.PRIORITY_BITS)
