"""Where MicroPython is not laid out as this project knows it, that is found out and said, and nothing is touched."""

import board
from corten import handler, interpreter
from corten.hard import hard
from corten.interpreter import UnknownRuntime
from corten.irq import Interrupt, owners
from corten.native import count, native


def refused(action):
    try:
        action()
    except UnknownRuntime:
        return
    raise AssertionError("an unknown runtime was accepted")


def with_other(name, value, action):
    known = getattr(interpreter, name)
    setattr(interpreter, name, value)
    interpreter._assembly_is_known = False
    handler._shared = None
    refused(action)
    setattr(interpreter, name, known)
    interpreter._assembly_is_known = False


for name, value in (("_ARGUMENTS", 0), ("_CODE", 12), ("_PUSH", 0xB400)):
    with_other(name, value, lambda: native(count))
for name, value in (("_IDLE", 5), ("_WINDOW", 64)):
    with_other(name, value, lambda: hard(print))
with_other("_OBJECT_TABLE", 4, lambda: hard(print))
assert owners() == []

line = Interrupt(board.IRQ_COUNT - 1)
line.bind(hard(lambda: None))
line.enable()
line.pend()
assert line.handler.runs == 1 and line.handler.errors == 0
