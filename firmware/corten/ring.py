"""The main context's end of a byte ring in static memory whose other end is a native handler.

One producer, one consumer, no masking: each end stores only its own index, and stores it after it has copied the bytes.
One core, and an exception sees its program's stores in order (DDI 0403E, section A3.7), so no barrier is needed. The
indices run freely, modulo 2**32, so `head - tail` is the fill and a full ring uses all of its bytes.

The handler keeps the ring's state in parameter words, in the order below. A byte goes to, or comes from, ADDRESS plus
its index under MASK; HEAD is the number of bytes ever put in, TAIL that of bytes ever taken out, LIMIT how many fit.
What does not fit is refused here, and counted by the handler that had to drop it.

Callers: the main context, one at a time. Copying is machine code and allocates nothing: 4 instructions a byte.
"""

from array import array

import micropython
import uctypes

ADDRESS = 0
MASK = 1
HEAD = 2
TAIL = 3
LIMIT = 4
WORDS = 5

_INDEX_MASK = 0xFFFF_FFFF


@micropython.asm_thumb
def copy_out(r0, r1, r2):
    """Copy what there is, at most r2 bytes, from the ring whose words are at r0 to r1; return how many that was."""
    mov(r12, r0)
    data(2, 0xC878)  # ldm r0!, {r3, r4, r5, r6}: ADDRESS, MASK, HEAD, TAIL
    sub(r5, r5, r6)
    cmp(r5, r2)
    bcs(RUN)
    mov(r2, r5)
    label(RUN)
    cmp(r2, 0)
    beq(TAKEN)
    mov(r5, r6)
    and_(r5, r4)  # offset
    sub(r7, r4, r5)  # to the end of the memory, less one
    cmp(r7, r2)
    bcs(LAST_RUN)
    add(r7, 1)
    b(COPY)
    label(LAST_RUN)
    mov(r7, r2)
    label(COPY)
    sub(r2, r2, r7)
    add(r6, r6, r7)
    add(r5, r5, r3)
    add(r5, r5, r7)
    add(r1, r1, r7)
    neg(r7, r7)
    label(BYTE)
    data(2, 0x5DE8)  # ldrb r0, [r5, r7]
    data(2, 0x55C8)  # strb r0, [r1, r7]
    add(r7, 1)
    bne(BYTE)
    b(RUN)
    label(TAKEN)
    mov(r1, r12)
    ldr(r0, [r1, 4 * 3])
    str(r6, [r1, 4 * 3])  # TAIL
    sub(r0, r6, r0)


@micropython.asm_thumb
def copy_in(r0, r1, r2):
    """Copy what fits of the r2 bytes at r1 into the ring whose words are at r0; return how many that was."""
    mov(r12, r0)
    data(2, 0xC8F8)  # ldm r0!, {r3, r4, r5, r6, r7}: ADDRESS, MASK, HEAD, TAIL, LIMIT
    sub(r6, r5, r6)
    sub(r6, r7, r6)
    bcc(FULL)
    cmp(r6, r2)
    bcs(RUN)
    mov(r2, r6)
    label(RUN)
    cmp(r2, 0)
    beq(PUT)
    mov(r6, r5)
    and_(r6, r4)
    sub(r7, r4, r6)
    cmp(r7, r2)
    bcs(LAST_RUN)
    add(r7, 1)
    b(COPY)
    label(LAST_RUN)
    mov(r7, r2)
    label(COPY)
    sub(r2, r2, r7)
    add(r5, r5, r7)
    add(r6, r6, r3)
    add(r6, r6, r7)
    add(r1, r1, r7)
    neg(r7, r7)
    label(BYTE)
    data(2, 0x5DC8)  # ldrb r0, [r1, r7]
    data(2, 0x55F0)  # strb r0, [r6, r7]
    add(r7, 1)
    bne(BYTE)
    b(RUN)
    label(PUT)
    mov(r1, r12)
    ldr(r0, [r1, 4 * 2])
    str(r5, [r1, 4 * 2])  # HEAD
    sub(r0, r5, r0)
    b(DONE)
    label(FULL)
    mov(r0, 0)
    label(DONE)


@micropython.asm_thumb
def _find(r0, r1):
    # r0: the ring's words, r1: a byte. Returns how many bytes there are up to and with it, 0 if it is not there.
    data(2, 0xC878)  # ldm r0!, {r3, r4, r5, r6}
    mov(r0, 0)
    label(NEXT)
    cmp(r5, r6)
    beq(NOT_THERE)
    mov(r7, r6)
    and_(r7, r4)
    data(2, 0x5DDF)  # ldrb r7, [r3, r7]
    add(r0, 1)
    add(r6, 1)
    cmp(r7, r1)
    bne(NEXT)
    b(DONE)
    label(NOT_THERE)
    mov(r0, 0)
    label(DONE)


class Ring:
    """size: bytes, a power of two, 2 or more. Raises ValueError for another one."""

    def __init__(self, size):
        if size < 2 or size & (size - 1):
            raise ValueError("a ring's size is a power of two from 2 on, not %r" % (size,))
        self.size = size
        self._bytes = bytearray(size)
        self.attach(array("I", bytes(4 * WORDS)))

    def attach(self, words):
        """Keep the ring's state in `words`, those of a handler that is not yet bound; empty it.

        The ring itself is what keeps its bytes alive.
        """
        self.words = words
        self.state = uctypes.addressof(words)
        words[HEAD] = words[TAIL] = 0
        self.restore()

    def restore(self):
        """Use the ring's own bytes, after another buffer was lent in their place. For a ring that is empty."""
        words = self.words
        words[ADDRESS] = uctypes.addressof(self._bytes)
        words[MASK] = self.size - 1
        words[LIMIT] = self.size

    @property
    def put_in(self):
        """Bytes ever put in, modulo 2**32."""
        return self.words[HEAD]

    @property
    def taken_out(self):
        """Bytes ever taken out, modulo 2**32."""
        return self.words[TAIL]

    @property
    def waiting(self):
        """Bytes in the ring."""
        return (self.words[HEAD] - self.words[TAIL]) & _INDEX_MASK

    @property
    def room(self):
        """Bytes that the ring takes now."""
        return max(0, self.words[LIMIT] - self.waiting)

    def put(self, data, count):
        """Copy in what fits of the first `count` bytes of `data`, and return how many that was. For the producer."""
        return copy_in(self.state, data, count)

    def take_into(self, buffer, count):
        """Copy out what there is, at most `count` bytes; return how many that was. For the consumer.

        The buffer has room for `count` bytes and can be written to: neither is checked here.
        """
        return copy_out(self.state, buffer, count)

    def take(self, limit):
        """Return what there is, at most `limit` bytes. For the consumer. Allocates the result."""
        taken = bytearray(min(limit, self.waiting))
        self.take_into(taken, len(taken))
        return bytes(taken)

    def take_line(self):
        """Return the bytes up to and with the next newline, the whole of a full ring without one, else None.

        It looks at each byte that waits: 9 instructions each. Allocates the result.
        """
        count = _find(self.state, 10)
        if not count:
            if self.waiting < self.words[LIMIT]:
                return None
            count = self.size
        return self.take(count)
