"""Bytes that go between a UART and a lent buffer without a copy.

While a transfer is in flight, the buffer stands in the place of a ring that does not wrap: the handler finds its
address where that of the ring was, and does and pays nothing else. `BufferedUart.start_write` and `start_readinto`
begin one.

Callers: the main context and asyncio's tasks.
"""

import time

import micropython
from micropython import const

from corten.ring import ADDRESS, HEAD, LIMIT, MASK, TAIL
from corten.waiting import changed, wait_for_change, wake

_ALL_BITS = 0xFFFF_FFFF
_TURN_MS = const(100)  # how late a sleeper sees that a callback has cancelled what it waits for


@micropython.asm_thumb
def _lend(r0, r1, r2, r3):
    # r0: the ring's words, r1: those of the ring that takes over, r2: the buffer's address, r3: its size. Masked for 19
    # instructions. Returns 1, or 0 with nothing done if the ring is not empty.
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r4, [r0, 4 * 2])  # HEAD
    ldr(r5, [r0, 4 * 3])  # TAIL
    cmp(r4, r5)
    bne(NOT_EMPTY)
    ldr(r5, [r0, 0])
    str(r5, [r1, 0])
    ldr(r5, [r0, 4])
    str(r5, [r1, 4])
    ldr(r5, [r0, 4 * 4])
    str(r5, [r1, 8])
    sub(r2, r2, r4)
    str(r2, [r0, 0])
    mov(r5, 0)
    mvn(r5, r5)
    str(r5, [r0, 4])
    str(r3, [r0, 4 * 4])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 1)
    b(DONE)
    label(NOT_EMPTY)
    data(2, 0xF387, 0x8810)
    data(2, 0xF3BF, 0x8F6F)
    mov(r0, 0)
    label(DONE)


@micropython.asm_thumb
def _take_back(r0, r1):
    # r0: the ring's words, r1: those of the ring that takes over; nothing is done if it has. Masked for 14.
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r4, [r1, 8])
    cmp(r4, 0)
    beq(TAKEN_OVER)
    str(r4, [r0, 4 * 4])
    ldr(r4, [r1, 0])
    str(r4, [r0, 0])
    ldr(r4, [r1, 4])
    str(r4, [r0, 4])
    ldr(r4, [r0, 4 * 2])
    str(r4, [r0, 4 * 3])
    mov(r4, 0)
    str(r4, [r1, 8])
    label(TAKEN_OVER)
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 0)


@micropython.asm_thumb
def _drop_rest(r0):
    # r0: the ring's words. What is in the ring is forgotten. Masked for 3 instructions.
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r4, [r0, 4 * 3])
    str(r4, [r0, 4 * 2])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0xF3BF, 0x8F6F)  # isb
    mov(r0, 0)


class Transfer:
    """A lent buffer's bytes on their way; made by a UART. size: how many they are.

    `await transfer` lets other tasks run until it is done. A done transfer has given its buffer back; one that nobody
    asks whether it is done gives it back when the UART is used again for the same, or closed.
    """

    def __init__(self, ring, moves, loan, size):
        self.size = size
        self._ring = ring
        self._loan = loan
        self._moves = moves  # the index that counts its bytes
        self._first = ring.words[moves]
        self._address = ring.state + 4 * moves
        self._count = 0

    @property
    def count(self):
        """Bytes that have gone until now."""
        if self._loan is None:
            return self._count
        return min(self.size, (self._ring.words[self._moves] - self._first) & _ALL_BITS)

    @property
    def done(self):
        """Whether all of it has gone, or it was cancelled; the buffer is back then."""
        if self._loan is not None and self.count == self.size:
            self._end()
        return self._loan is None

    def wait(self, timeout_ms=None):
        """Sleep until it is done, `timeout_ms` at most, None for any time; return whether it is.

        It wakes for each byte. A handler gets WrongContext.
        """
        start = time.ticks_ms()
        while True:
            seen = self._ring.words[self._moves]
            if self.done:
                return True
            left = _TURN_MS
            if timeout_ms is not None:
                left = min(left, timeout_ms - time.ticks_diff(time.ticks_ms(), start))
            if not wait_for_change(self._address, seen, left) and left < _TURN_MS:
                return self.done

    def wait_async(self):
        """Let other asyncio tasks run until it is done: for asyncio.wait_for and the like. `await` does the same."""
        while True:
            seen = self._ring.words[self._moves]
            if self.done:
                return
            yield from changed(self._address, seen)

    __iter__ = wait_async

    def cancel(self):
        """End it now, and return the bytes that have gone. Harmless when it is done."""
        if self._loan is not None:
            self._end()
            wake(self._address)
        return self._count

    def _end(self):
        self._give_up()
        self._count = self.count
        self._loan.give_back()
        self._loan = None

    def _give_up(self):
        raise NotImplementedError


class Writing(Transfer):
    """Of a shared loan. The ring is empty and stays so: meanwhile it has no room."""

    def __init__(self, ring, loan, size):
        super().__init__(ring, TAIL, loan, size)
        words = ring.words
        head = words[HEAD]
        words[LIMIT] = 0
        words[MASK] = _ALL_BITS
        words[ADDRESS] = loan.address - head & _ALL_BITS
        words[HEAD] = head + size & _ALL_BITS

    def _give_up(self):
        _drop_rest(self._ring.state)
        self._ring.restore()


class Reading(Transfer):
    """Of an exclusive loan. What waits in the ring comes first, and what comes after the last byte goes there again.

    takes_over: address of the words in which the receive handler looks for the ring that takes over.
    """

    def __init__(self, ring, takes_over, loan):
        super().__init__(ring, HEAD, loan, loan.size)
        self._first = ring.words[TAIL]
        self._takes_over = takes_over

    def begin(self):
        """Take what waits, and lend the rest of the buffer. Broken off, by Ctrl-C, it wants to be cancelled."""
        ring, loan = self._ring, self._loan
        done = 0
        while done < loan.size:
            done += ring.take_into(loan.view[done:], loan.size - done)
            if done < loan.size and _lend(ring.state, self._takes_over, loan.address + done, loan.size - done):
                break

    def _give_up(self):
        _take_back(self._ring.state, self._takes_over)
