"""Nesting beyond what can be remembered without allocating is refused, and what was entered is left in order."""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


def enter(depth):
    for _ in range(depth):
        critical.__enter__()
    inside = primask()
    for _ in range(depth):
        critical.__exit__(None, None, None)
    return inside


assert enter(29) == 1
assert primask() == 0
for _ in range(29):
    critical.__enter__()
try:
    for _ in range(3):
        critical.__enter__()
except RuntimeError as error:
    assert "nested too deeply" in str(error)
else:
    raise AssertionError("32 sections were nested")
while primask():
    critical.__exit__(None, None, None)
assert enter(29) == 1
assert primask() == 0
