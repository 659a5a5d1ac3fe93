"""An installed handler cannot be collected, not even when the program and sys.modules forget it."""

import gc
import sys

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


handler = native(count)
counter = handler.word_address(0)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
del handler, count, native
for name in [name for name in sys.modules if name.startswith("corten")]:
    del sys.modules[name]
for _ in range(20):
    gc.collect()
    garbage = [bytearray(b"\xff" * 48) for _ in range(200)]
    del garbage
    line.pend()
assert machine.mem32[counter] == 20

from corten.irq import Interrupt  # noqa: E402 - imported a second time

Interrupt(line.number).unbind()
line.pend()
assert machine.mem32[counter] == 20
