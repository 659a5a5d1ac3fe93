"""Nesting beyond what can be remembered without allocating is refused, and what was entered is left in order."""

import micropython
from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


def enter(depth):
    with critical:
        if depth > 1:
            enter(depth - 1)


enter(29)
assert primask() == 0
for _ in range(2):
    try:
        enter(40)
    except RuntimeError as error:
        assert "nested too deeply" in str(error)
    else:
        raise AssertionError("40 sections were nested")
    assert primask() == 0
enter(29)
