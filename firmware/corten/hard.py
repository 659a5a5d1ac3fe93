"""Hard handlers: a Python function that runs in the exception, at the interrupt's priority.

    def tick():
        …
    line.bind(hard(tick))

The heap and MicroPython's scheduler are locked around it: an allocation raises MemoryError, and neither Ctrl-C nor a
scheduled callback runs inside. What it raises ends this call, is counted and kept (`errors`, `error_type`,
`last_error`), and the handler stays bound. A more urgent handler may interrupt it.

Three things that MicroPython does not let this module cure. A collection may run in the main context: of what a
handler moves from one place to another, the program keeps a reference elsewhere, or the collection may miss it. A
dictionary of the main context that grows is empty for a moment: make no new globals or attributes, of which handlers
use the old ones, once handlers run. And `time.sleep` inside a handler takes a Ctrl-C for its own. A handler of a
request that stays up until it is acknowledged does that first: one that raises before would run again at once, for
ever.

Callers: `hard` is for the main context, and allocates. The function runs in its interrupt, and takes no arguments.
"""

import micropython

from corten.handler import Handler


@micropython.asm_thumb
def _run(r0):
    mov(r4, r0)
    ldr(r5, [r4, 4])
    ldr(r0, [r4, 12])
    add(r0, 1)
    str(r0, [r4, 12])
    ldr(r6, [r5, 0])
    mov(r1, 0)
    data(2, 0x5E77)  # ldrsh r7, [r6, r1]: the scheduler's state
    sub(r1, 1)
    strh(r1, [r6, 0])  # locked
    ldr(r3, [r5, 4])
    data(2, 0x4798)  # blx r3: heap_lock
    mov(r0, r4)
    mov(r1, r5)
    mov(r2, 0)
    mov(r3, 0)
    ldr(r4, [r5, 24])
    data(2, 0x47A0)  # blx r4: guarded
    ldr(r3, [r5, 8])
    data(2, 0x4798)  # heap_unlock
    cmp(r7, 1)
    bne(KEEP)
    mov(r7, 0)  # was idle: let the interpreter look for what was scheduled meanwhile
    label(KEEP)
    strh(r7, [r6, 0])


class Hard(Handler):
    """A hard handler. Made by `hard`."""

    KIND = "hard"


def hard(function):
    """Return a handler that calls `function()` in the exception. Raises TypeError, UnknownRuntime. Allocates."""
    return Hard(function, _run)
