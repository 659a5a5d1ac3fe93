"""A watch over handlers that do not return, or leave the main context no time.

    watchdog = Watchdog(board.TIMER1, limit_ms=100, hook=stuck)

    def stuck(line):
        machine.reset()

A timer's interrupt, more urgent than all others, looks which context it interrupted. When none of its looks in
`limit_ms` found the main context, `hook` is called, once until the main context runs again, with the line whose
handler the last look found: one that does not return, or the one most often in the way. The hook runs as a hard
handler does. A loop with interrupts masked keeps the timer's out as well: for that there is the chip's own watchdog.

Callers: the main context; making one allocates. A look costs about 20 instructions.
"""

import micropython

import board
from corten.hard import hard
from corten.irq import Interrupt
from corten.native import native
from corten.nvic import EXCEPTIONS

_LOOKS = 8  # within the limit, unless their period is given


@micropython.asm_thumb
def _look():
    b(BODY)
    b(END)
    align(4)
    data(
        4, 0, 0, 0, 0, 0, 0, 0
    )  # flag's address, what to write there, exception found, looks, most, address of ISPR, bit
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 7)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    str(r2, [r1, 0])
    # Below the six registers pushed here is what the exception pushed; its eighth word is xPSR: DDI 0403E, B1.5.6.
    data(2, 0x990D)  # ldr r1, [sp, 52]
    lsl(r1, r1, 23)
    lsr(r1, r1, 23)
    beq(MAIN)
    str(r1, [r0, 8])
    ldr(r2, [r0, 12])
    add(r2, 1)
    str(r2, [r0, 12])
    ldr(r3, [r0, 16])
    cmp(r2, r3)
    bne(DONE)
    ldr(r1, [r0, 20])
    ldr(r2, [r0, 24])
    str(r2, [r1, 0])
    b(DONE)
    label(MAIN)
    str(r1, [r0, 12])
    label(DONE)
    data(2, 0xF3BF, 0x8F4F)  # dsb: the flag is clear before the return, which would otherwise re-enter (DAI 0321A)
    label(END)


_FOUND = 2


class Watchdog:
    """timer: a `Peripheral` of a periodic timer, which it takes. limit_ms: time without the main context. hook: a
    function of a line's number.

    line: the number of a line that no peripheral uses, for the hook; the last of board.DISPATCHERS if it is not given.
    look_us: the timer's period, an eighth of the limit if it is not given. Raises ValueError for a limit of less than
    two looks, and what taking the timer and binding raises.
    """

    def __init__(self, timer, limit_ms, hook, line=None, look_us=None):
        look_us = look_us or limit_ms * 1000 // _LOOKS
        if limit_ms * 1000 < 2 * look_us or look_us < 1:
            raise ValueError("a limit of %r ms holds fewer than two looks of %r us" % (limit_ms, look_us))
        self._hook = hook
        self._line = Interrupt(board.DISPATCHERS[-1] if line is None else line)
        self.handler = hard(self._call_hook)
        self.handler.name = "watchdog"
        self._timer = timer.open(owner="watchdog")
        looks = limit_ms * 1000 // look_us
        look = native(_look, self._timer.flag_address, self._timer.flag_clear, 0, 0, looks, *self._line.pend_store())
        look.name = "watchdog's look"
        self._words = look.words
        try:
            self._start(look, look_us)
        except BaseException:
            self.close()
            raise

    def _start(self, look, look_us):
        for line, handler in ((self._line, self.handler), (self._timer.interrupt, look)):
            line.bind(handler)
            line.priority = board.PRIORITIES
            line.enable()
        self._timer.start(look_us)

    def _call_hook(self):
        self._hook(self._words[_FOUND] - EXCEPTIONS)

    def close(self):
        """Stop watching, and release the timer and the line."""
        self._timer.interrupt.unbind()
        self._timer.close()
        self._line.unbind()
