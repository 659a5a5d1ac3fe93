"""Sections nest deeper than what they found fits into a word, and the outermost one restores it."""

import micropython

from corten.critical import critical


@micropython.asm_thumb
def primask():
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK


for depth in (1, 31, 32, 33, 100):
    for _ in range(depth):
        critical.__enter__()
    for _ in range(depth):
        assert primask() == 1
        critical.__exit__(None, None, None)
    assert primask() == 0, depth
