"""A spinlock is claimed with interrupts masked and released; one that stays taken ends in an error. A word stands for
its register.

What two cores do to each other is not seen here: no emulated board has a second one.
"""

from array import array

import micropython
import uctypes

from corten.spinlock import Spinlock, TimeoutError


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


register = array("I", [1])
lock = Spinlock(uctypes.addressof(register), spins=10)
inside = None
micropython.heap_lock()
with lock:
    inside = primask()
micropython.heap_unlock()
assert inside == 1 and primask() == 0
assert register[0] == uctypes.addressof(register), "not released by a store"
register[0] = 0
try:
    with lock:
        raise AssertionError("claimed a lock that was taken")
except TimeoutError:
    assert primask() == 0
