"""The machine code of a channel's two ends. Read `corten.channel` first.

A channel's state is an array of machine words, in the order below. HEAD counts the items ever put in and TAIL those
ever taken out, modulo 2**32, so `HEAD - TAIL` is the fill and a full channel uses all of its slots. The producer alone
stores to HEAD and REFUSED, the consumer alone to TAIL.

Each end loads the other's index, copies the item, and stores its own index last. That order is what makes it safe:

- The slot is written before HEAD says so, and read before TAIL says that it may be written again. On one core an
  exception sees the stores of what it interrupted in program order, whatever the core does with them (DDI 0403E, A3.7.3
  and B2.2), so no barrier is needed between a handler and what it interrupts.
- An index that is read is at worst old: the producer then sees less room than there is, the consumer fewer items.
- A second core or a DMA engine does not see stores in program order by right: a DMB would be due before the store of
  HEAD and of TAIL, and after the load of the other's index (DDI 0403E, A3.7.3). There is none, so a channel joins
  contexts of one core.

tests/host_tools/test_channel_model.py runs these functions, instruction by instruction, in every interleaving of small
cases, and shows that each order above is needed.

Callers: any context, through `Channel` or `native`. Nothing here allocates.
"""

import micropython
from micropython import const

HEAD = const(0)
TAIL = const(1)
MASK = const(2)  # capacity - 1
ADDRESS = const(3)  # of the slots
REFUSED = const(4)
PRODUCER = const(5)  # who puts: 0 nobody yet, the exception's number + 1, or NATIVE
CONSUMER = const(6)  # who takes
SIZE = const(7)  # of a record, in bytes

NATIVE = const(0x1000)  # more than any exception's number
NOT_YOURS = const(-1)


@micropython.asm_thumb
def put_word(r0, r1, r2):
    """Put the word r2 into the channel whose state is at r0: 1, or 0 if full, and REFUSED grows by r1, or NOT_YOURS."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    add(r3, 1)
    ldr(r4, [r0, 4 * PRODUCER])
    cmp(r3, r4)
    bne(OTHER)
    ldr(r3, [r0, 4 * HEAD])
    ldr(r4, [r0, 4 * TAIL])
    sub(r4, r3, r4)
    ldr(r5, [r0, 4 * MASK])
    cmp(r4, r5)
    bhi(FULL)
    and_(r5, r3)
    lsl(r5, r5, 2)
    ldr(r6, [r0, 4 * ADDRESS])
    add(r5, r5, r6)
    str(r2, [r5, 0])
    add(r3, 1)
    str(r3, [r0, 4 * HEAD])
    mov(r0, 1)
    b(END)
    label(FULL)
    ldr(r3, [r0, 4 * REFUSED])
    add(r3, r3, r1)
    str(r3, [r0, 4 * REFUSED])
    mov(r0, 0)
    b(END)
    label(OTHER)
    mov(r0, 1)
    neg(r0, r0)
    label(END)


@micropython.asm_thumb
def put_byte(r0, r1, r2):
    """Put the low byte of r2 in, as `put_word` does."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    add(r3, 1)
    ldr(r4, [r0, 4 * PRODUCER])
    cmp(r3, r4)
    bne(OTHER)
    ldr(r3, [r0, 4 * HEAD])
    ldr(r4, [r0, 4 * TAIL])
    sub(r4, r3, r4)
    ldr(r5, [r0, 4 * MASK])
    cmp(r4, r5)
    bhi(FULL)
    and_(r5, r3)
    ldr(r6, [r0, 4 * ADDRESS])
    add(r5, r5, r6)
    strb(r2, [r5, 0])
    add(r3, 1)
    str(r3, [r0, 4 * HEAD])
    mov(r0, 1)
    b(END)
    label(FULL)
    ldr(r3, [r0, 4 * REFUSED])
    add(r3, r3, r1)
    str(r3, [r0, 4 * REFUSED])
    mov(r0, 0)
    b(END)
    label(OTHER)
    mov(r0, 1)
    neg(r0, r0)
    label(END)


@micropython.asm_thumb
def put_record(r0, r1, r2):
    """Put a copy of the SIZE bytes at r2 in, as `put_word` does, at 5 instructions a byte."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    add(r3, 1)
    ldr(r4, [r0, 4 * PRODUCER])
    cmp(r3, r4)
    bne(OTHER)
    ldr(r3, [r0, 4 * HEAD])
    ldr(r4, [r0, 4 * TAIL])
    sub(r4, r3, r4)
    ldr(r5, [r0, 4 * MASK])
    cmp(r4, r5)
    bhi(FULL)
    and_(r5, r3)
    ldr(r4, [r0, 4 * SIZE])
    mul(r5, r4)
    ldr(r6, [r0, 4 * ADDRESS])
    add(r5, r5, r6)
    label(BYTE)
    ldrb(r6, [r2, 0])
    strb(r6, [r5, 0])
    add(r2, 1)
    add(r5, 1)
    sub(r4, 1)
    bne(BYTE)
    add(r3, 1)
    str(r3, [r0, 4 * HEAD])
    mov(r0, 1)
    b(END)
    label(FULL)
    ldr(r3, [r0, 4 * REFUSED])
    add(r3, r3, r1)
    str(r3, [r0, 4 * REFUSED])
    mov(r0, 0)
    b(END)
    label(OTHER)
    mov(r0, 1)
    neg(r0, r0)
    label(END)


@micropython.asm_thumb
def get_words(r0, r1, r2):
    """Take out what there is, up to r2 words, to the address r1; how many these were, or NOT_YOURS."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    add(r3, 1)
    ldr(r4, [r0, 4 * CONSUMER])
    cmp(r3, r4)
    bne(OTHER)
    mov(r7, 0)
    label(NEXT)
    cmp(r7, r2)
    beq(DONE)
    ldr(r3, [r0, 4 * TAIL])
    ldr(r4, [r0, 4 * HEAD])
    cmp(r3, r4)
    beq(DONE)
    ldr(r5, [r0, 4 * MASK])
    and_(r5, r3)
    lsl(r5, r5, 2)
    ldr(r6, [r0, 4 * ADDRESS])
    add(r5, r5, r6)
    ldr(r6, [r5, 0])
    str(r6, [r1, 0])
    add(r3, 1)
    str(r3, [r0, 4 * TAIL])
    add(r1, 4)
    add(r7, 1)
    b(NEXT)
    label(OTHER)
    mov(r7, 1)
    neg(r7, r7)
    label(DONE)
    mov(r0, r7)


@micropython.asm_thumb
def get_records(r0, r1, r2):
    """Take out what there is, up to r2 records, as `get_words` does. Bytes are records of one byte."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    add(r3, 1)
    ldr(r4, [r0, 4 * CONSUMER])
    cmp(r3, r4)
    bne(OTHER)
    mov(r7, 0)
    label(NEXT)
    cmp(r7, r2)
    beq(DONE)
    ldr(r3, [r0, 4 * TAIL])
    ldr(r4, [r0, 4 * HEAD])
    cmp(r3, r4)
    beq(DONE)
    ldr(r5, [r0, 4 * MASK])
    and_(r5, r3)
    ldr(r4, [r0, 4 * SIZE])
    mul(r5, r4)
    ldr(r6, [r0, 4 * ADDRESS])
    add(r5, r5, r6)
    label(BYTE)
    ldrb(r6, [r5, 0])
    strb(r6, [r1, 0])
    add(r1, 1)
    add(r5, 1)
    sub(r4, 1)
    bne(BYTE)
    add(r3, 1)
    str(r3, [r0, 4 * TAIL])
    add(r7, 1)
    b(NEXT)
    label(OTHER)
    mov(r7, 1)
    neg(r7, r7)
    label(DONE)
    mov(r0, r7)
