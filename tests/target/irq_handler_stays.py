"""An installed handler cannot be collected, not even when the program and sys.modules forget it."""

import gc
import sys

import machine

import board
from corten.irq import Interrupt
from corten.native import count, native

handler = native(count)
counter = handler.word_address(0)
line = Interrupt(board.IRQ_COUNT - 1)
line.bind(handler)
line.enable()
del handler, count, native
for name in [name for name in sys.modules if name.startswith("corten")]:
    del sys.modules[name]
for _ in range(20):
    gc.collect()
    garbage = [bytearray(b"\xff" * 48) for _ in range(200)]
    del garbage
    line.pend()
assert machine.mem32[counter] == 20

from corten.irq import Interrupt  # noqa: E402 - imported a second time

Interrupt(line.number).unbind()
line.pend()
assert machine.mem32[counter] == 20
