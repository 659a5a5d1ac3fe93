"""Only the outermost critical section unmasks."""

import micropython

import board
from corten.critical import critical
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


handler = native(count)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
with critical:
    with critical:
        with critical:
            line.pend()
        assert handler.words[0] == 0
    assert handler.words[0] == 0
    with critical:
        pass
    assert handler.words[0] == 0
assert handler.words[0] == 1
