"""Soft handlers: a Python function that the main context calls soon after an interrupt, between two of its bytecodes.

    def received(count):
        …
    line.bind(soft(received))

The exception itself counts, and asks MicroPython's scheduler for one call of a dispatcher. It never raises: interrupts
that come before the call are coalesced into it and counted, so `function(count)` is told of every one, and where the
scheduler's queue is full the dispatcher takes the place of its last entry and calls that one first. What the function
raises ends this call, is counted and kept (`errors`, `error_type`, `last_error`); the handlers after it are called all
the same.

The function may allocate. As in every scheduled callback, Ctrl-C waits until it has returned. On a port with a second
core, nothing may be scheduled there while soft handlers are bound: the queue is taken by masking this core's
interrupts.

Callers: `soft` is for the main context, and allocates.
"""

import micropython
import uctypes

from corten.handler import DISPATCH, DISPATCH_ARGUMENT, FIRST, NEXT, RUNS, TAKEN, Handler

_INDEX_MASK = 0xFFFF_FFFF


@micropython.asm_thumb
def _ask(r0):
    ldr(r5, [r0, 4])
    ldr(r1, [r0, 12])
    add(r1, 1)
    str(r1, [r0, 12])
    data(2, 0xF3EF, 0x8610)  # mrs r6, PRIMASK
    cpsid(0)
    ldr(r0, [r5, 48])
    cmp(r0, 0)
    bne(ASKED)
    mov(r0, 1)
    str(r0, [r5, 48])
    ldr(r2, [r5, 28])
    ldrb(r3, [r2, 0])  # entries in the queue
    ldrb(r7, [r2, 1])  # the first one's index
    ldr(r0, [r5, 36])
    ldr(r1, [r5, 32])
    cmp(r3, r0)
    bhi(FULL)
    add(r7, r7, r3)
    add(r3, 1)
    strb(r3, [r2, 0])
    and_(r7, r0)
    lsl(r7, r7, 3)
    add(r7, r7, r1)
    b(PUT)
    label(FULL)
    add(r7, r7, r0)
    and_(r7, r0)
    lsl(r7, r7, 3)
    add(r7, r7, r1)
    ldr(r3, [r7, 0])
    str(r3, [r5, 64])
    ldr(r3, [r7, 4])
    str(r3, [r5, 92])
    label(PUT)
    ldr(r3, [r5, 40])
    str(r3, [r7, 0])
    ldr(r3, [r5, 44])
    str(r3, [r7, 4])
    ldr(r2, [r5, 0])
    ldrh(r3, [r2, 0])
    cmp(r3, 1)  # idle
    bne(ASKED)
    mov(r3, 0)  # pending
    strh(r3, [r2, 0])
    label(ASKED)
    data(2, 0xF386, 0x8810)  # msr PRIMASK, r6


@micropython.asm_thumb
def _dispatch(r0):
    lsl(r4, r0, 2)
    ldr(r5, [r4, 64])  # the entry whose place was taken
    cmp(r5, 0)
    beq(NOTHING_DISPLACED)
    mov(r0, r4)
    add(r0, 56)
    mov(r1, r4)
    mov(r2, 1)
    mov(r3, r4)
    add(r3, 92)
    ldr(r7, [r4, 24])
    data(2, 0x47B8)  # blx r7: guarded
    mov(r0, 0)
    str(r0, [r4, 64])
    label(NOTHING_DISPLACED)
    mov(r0, 0)
    str(r0, [r4, 48])  # from here on an interrupt asks again
    ldr(r5, [r4, 52])
    label(WALK)
    cmp(r5, 0)
    beq(DONE)
    ldr(r0, [r5, 12])
    ldr(r1, [r5, 28])
    sub(r2, r0, r1)
    beq(NEXT)
    str(r0, [r5, 28])
    data(2, 0xB082)  # sub sp, 8
    add(r2, r2, r2)
    add(r2, 1)  # as a small integer
    data(2, 0x9200)  # str r2, [sp, 0]
    mov(r0, r5)
    mov(r1, r4)
    mov(r2, 1)
    mov(r3, sp)
    ldr(r7, [r4, 24])
    data(2, 0x47B8)
    data(2, 0xB002)  # add sp, 8
    label(NEXT)
    ldr(r5, [r5, 32])
    b(WALK)
    label(DONE)
    mov(r0, 0)


class Soft(Handler):
    """A soft handler. Made by `soft`."""

    KIND = "soft"

    def __init__(self, function):
        super().__init__(function, _ask)
        shared = self._state.words
        shared[DISPATCH] = id(_dispatch)
        shared[DISPATCH_ARGUMENT] = uctypes.addressof(shared) >> 2 << 1 | 1  # as a small integer

    def installed(self):
        """Enter it into the dispatcher's list. Called by `corten.irq`."""
        state = self._state
        self.words[TAKEN] = self.words[RUNS]
        self.words[NEXT] = state.words[FIRST]
        state.soft.insert(0, self)
        state.words[FIRST] = self._entry.word_address(0)

    def is_installed(self):
        """Return whether it is in the dispatcher's list."""
        return self in self._state.soft

    def removed(self):
        """Take it out of the dispatcher's list; what was not delivered is dropped. Called by `corten.irq`."""
        state = self._state
        self.words[TAKEN] = self.words[RUNS]
        at = state.soft.index(self)
        if at:
            state.soft[at - 1].words[NEXT] = self.words[NEXT]
        else:
            state.words[FIRST] = self.words[NEXT]
        state.soft.pop(at)
        state.removed = [self] + state.removed[:3]

    @property
    def pending(self):
        """Interrupts that the function has not been told of."""
        return (self.words[RUNS] - self.words[TAKEN]) & _INDEX_MASK


def soft(function):
    """Return a handler that has `function(count)` called in the main context. Raises TypeError, UnknownRuntime.
    Allocates."""
    return Soft(function)
