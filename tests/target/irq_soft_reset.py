# needs: filesystem
# soft_reset: 3
"""A soft reset with handlers installed gives VTOR back, disables their lines, and they can be bound anew."""

import board
from corten.irq import Interrupt
from corten.native import count, native
from corten.register import Block, Reg


class Scb(Block):
    VTOR = Reg(0x08)  # DDI 0403E, section B3.2.5


vtor = Scb(0xE000_ED00).VTOR
if RUN == 0:
    with open("/vtor", "w") as file:
        file.write(str(vtor.read()))
with open("/vtor") as file:
    assert vtor.read() == int(file.read())
line, untouched = Interrupt(board.IRQ_COUNT - 1), Interrupt(board.IRQ_COUNT - 2)
assert not line.enabled and not line.pending and line.priority == untouched.priority
handler = native(count)
line.bind(handler)
line.enable()
line.priority = 1
for _ in range(10):
    line.pend()
assert handler.words[0] == 10
