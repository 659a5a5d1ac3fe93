"""An exception leaves nested critical sections with interrupts as they were, and is not swallowed."""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


def fail():
    with critical, critical:
        assert primask() == 1
        raise ValueError("inside")


assert primask() == 0
for _ in range(3):
    try:
        fail()
    except ValueError as error:
        assert str(error) == "inside"
        assert primask() == 0
    else:
        raise AssertionError("the exception was swallowed")
with critical:
    assert primask() == 1
assert primask() == 0
