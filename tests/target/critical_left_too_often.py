"""A section that is left once more than it was entered stays left, and the next one works."""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


for _ in range(3):
    critical.__exit__(None, None, None)
    assert primask() == 0
with critical:
    assert primask() == 1
assert primask() == 0
