"""What the interpreter runs between bytecodes, Ctrl-C or a callback, does not come inside of taking a lock."""

import micropython

import board
from corten.irq import Interrupt
from corten.shared import Shared
from corten.soft import soft

line = Interrupt(board.IRQ_COUNT - 1)
value = Shared(0, name="value")
seen = []


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


def note(count):
    seen.append((count, primask(), value._holder))


@micropython.native
def lock_and_unlock():
    # The callback is due before the lock is taken; native code itself runs none.
    line.pend()
    value.__enter__()
    value.__exit__(None, None, None)


line.bind(soft(note))
line.enable()
lock_and_unlock()
for _ in range(4):
    pass
assert seen == [(1, 0, -1)], seen
