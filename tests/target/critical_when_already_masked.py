"""A critical section that finds interrupts masked leaves them masked, also when it is left by an exception."""

import machine
import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


state = machine.disable_irq()
with critical:
    inside = primask()
after = primask()
try:
    with critical:
        raise ValueError
except ValueError:
    after_exception = primask()
machine.enable_irq(state)
assert (inside, after, after_exception) == (1, 1, 1)
assert primask() == 0
