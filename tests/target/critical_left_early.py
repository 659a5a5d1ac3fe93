"""return, break and continue leave a critical section as its end does."""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


def returns():
    with critical:
        return primask()


assert returns() == 1
assert primask() == 0
for _ in range(5):
    with critical:
        continue
assert primask() == 0
while True:
    with critical:
        break
assert primask() == 0


def generates():
    with critical:
        yield primask()


steps = generates()
assert next(steps) == 1
steps.close()
assert primask() == 0
