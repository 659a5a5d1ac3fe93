"""What `corten.hard` and `corten.soft` share: a Python function called by machine code, with its exceptions caught and
counted.

Callers: the main context. Making a handler allocates.
"""

from array import array

import micropython
import uctypes

from corten.interpreter import UnknownRuntime, calls, code_of, code_of_builtin, object_at, scheduler
from corten.native import call, native

# Words of a handler: code, state, function, and
RUNS = 3
ERRORS = 4
ERROR_TYPE = 5
ERROR = 6
TAKEN = 7  # of a soft handler: runs that its function was told of
NEXT = 8  # of a soft handler: the next one's address

# Words of the state that all handlers share. The last are a handler and its argument: the entry whose place was taken.
SCHEDULER, HEAP_LOCK, HEAP_UNLOCK, CALL, NLR_PUSH, NLR_POP, GUARDED, LENGTH, QUEUE, DEPTH_MASK = range(10)
DISPATCH, DISPATCH_ARGUMENT, ASKED, FIRST, DISPLACED = range(10, 15)
_STATE_WORDS = DISPLACED + NEXT + 2


@micropython.asm_thumb
def _entry():
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 9)
    ldr(r1, [r0, 0])
    data(2, 0x4788)  # blx r1
    label(END)


@micropython.asm_thumb
def _guarded(r0, r1, r2, r3):
    # r0: handler, r1: state, r2: number of arguments, r3: their address
    mov(r4, r0)
    mov(r5, r1)
    mov(r6, r2)
    mov(r7, r3)
    data(2, 0xB0A0)  # sub sp, 128: an nlr_buf_t, of 72 bytes at most
    mov(r0, sp)
    ldr(r3, [r5, 16])
    data(2, 0x4798)  # blx r3: nlr_push returns a second time, with 1, when something is raised
    cmp(r0, 0)
    bne(RAISED)
    ldr(r0, [r4, 8])
    mov(r1, r6)
    mov(r2, r7)
    ldr(r3, [r5, 12])
    data(2, 0x4798)
    ldr(r3, [r5, 20])
    data(2, 0x4798)
    b(DONE)
    label(RAISED)
    data(2, 0x9901)  # ldr r1, [sp, 4]: the exception
    str(r1, [r4, 24])
    ldr(r1, [r1, 0])
    str(r1, [r4, 20])
    ldr(r1, [r4, 16])
    add(r1, 1)
    str(r1, [r4, 16])
    label(DONE)
    data(2, 0xB020)  # add sp, 128


class _State:
    def __init__(self):
        self.words = array("I", bytes(4 * _STATE_WORDS))
        self.soft = []
        self.removed = []  # soft handlers that the dispatcher may still be at
        self._guarded = _guarded
        found = scheduler()
        words = self.words
        words[SCHEDULER] = found.state
        words[LENGTH] = found.length
        words[QUEUE] = found.queue
        words[DEPTH_MASK] = found.depth - 1
        words[HEAP_LOCK] = code_of_builtin(micropython.heap_lock)
        words[HEAP_UNLOCK] = code_of_builtin(micropython.heap_unlock)
        words[CALL], words[NLR_PUSH], words[NLR_POP] = calls()
        words[GUARDED] = code_of(_guarded) | 1
        self._check_heap_lock()
        buffer = getattr(micropython, "alloc_emergency_exception_buf", None)
        if buffer:
            buffer(100)

    def _check_heap_lock(self):
        try:
            call(self.words[HEAP_LOCK])
            bytearray(1)
        except MemoryError:
            call(self.words[HEAP_UNLOCK])
            bytearray(1)
            return
        raise UnknownRuntime("the code of micropython.heap_lock is not where this module looks for it")


_shared = None


def state():
    """Return the state that all handlers share. Raises UnknownRuntime where it cannot be made."""
    global _shared
    if _shared is None:
        _shared = _State()
    return _shared


class Handler:
    """A Python function that handles an interrupt. Made by `hard` or `soft`.

    function: the one that is called. run: machine code that is given the handler's words. words: of machine code,
    live. address: where the exception enters, with the Thumb bit.
    """

    def __init__(self, function, run):
        if not callable(function):
            raise TypeError("a handler is a function, not %r" % (function,))
        self.function = function
        self._state = state()
        self._run = run
        entry = native(_entry, code_of(run) | 1, uctypes.addressof(self._state.words), id(function))
        entry.uses = self
        self._entry = entry
        self.words = entry.words
        self.address = entry.address
        self.name = getattr(function, "__name__", "a callable")

    @property
    def runs(self):
        """Interrupts, modulo 2**32."""
        return self.words[RUNS]

    @property
    def errors(self):
        """Exceptions that the function raised; each ended one call, and no more. Modulo 2**32."""
        return self.words[ERRORS]

    @property
    def error_type(self):
        """The type of the last exception, or None."""
        address = self.words[ERROR_TYPE]
        return object_at(address) if address else None

    @property
    def last_error(self):
        """The last exception, or None; None as well if its object serves for a later one.

        Under the heap's lock MicroPython has one object for all exceptions.
        """
        address = self.words[ERROR]
        if not address:
            return None
        found = object_at(address)
        return found if type(found) is self.error_type else None
