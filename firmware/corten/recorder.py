"""The recorder behind `corten.trace`: a ring of events in static memory, and the machine code that writes it.

An event is two words: the clock, and what happened (kind, number, and the exception it happened in). The ring's state
is an array("I") that all recording code shares. A slot is reserved, stamped and filled with interrupts masked, for 11
instructions, so events of all priorities are in the order of their times. When the ring is full the oldest event is
overwritten, and HEAD tells how many were.

Callers: any context; recording allocates nothing.
"""

import micropython

HEAD = 0  # bytes ever written, modulo 2**32
RING = 1  # address of the ring
MASK = 2  # bytes of the ring, less one event
CLOCK = 3  # address of the counter
VECTORS = 4  # address of the table of the code that the exceptions run when nothing is recorded
HELD = 5  # what HEAD was when the time was over, 0 before
LAST = 6  # the clock then
UNTIL = 7  # code to run at the end of a sleep, or 0
STATE_WORDS = 8

EVENT_BYTES = 8

# The second word: the exception's number in bits 0 to 8, the kind in bits 9 to 12, a number from bit 13 on.
KIND_SHIFT = 9
NUMBER_SHIFT = 13
NUMBERS = 1 << 17  # more, and the word would be a heap integer

ENTER, EXIT = 0, 1  # of an interrupt
BEGIN, END = 2, 3  # of what the program calls a task
LOCK, UNLOCK = 4, 5
SLEEP, WAKE = 6, 7
MARK = 8
CALL, RETURN = 10, 11  # of a handler's function; the number is where its handler's words are, in the low bits
CALL_MASK = 0x7FFFF
SHARE, UNSHARE = 12, 13  # of a Shared inside its lock; the number is where the object is, in units of 16 bytes
RUN, DONE = 14, 15  # of an App's software task; the number as above
KINDS = "enter,exit,begin,end,lock,unlock,sleep,wake,mark,,call,return,share,unshare,run,done"  # in this order


def word(kind, number=0):
    """Return an event's second word without its context, for the templates below."""
    return number << NUMBER_SHIFT | kind << KIND_SHIFT


@micropython.asm_thumb
def record(r0, r1):
    """Record an event: r0 the state's address, r1 the event's word."""
    data(2, 0xF3EF, 0x8305)  # mrs r3, IPSR
    orr(r1, r3)
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r2, [r0, 0])
    ldr(r3, [r0, 8])
    and_(r3, r2)
    ldr(r4, [r0, 4])
    add(r3, r3, r4)
    ldr(r5, [r0, 12])
    ldr(r5, [r5, 0])
    str(r5, [r3, 0])
    str(r1, [r3, 4])
    add(r2, 8)
    str(r2, [r0, 0])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    mov(r0, 0)


@micropython.asm_thumb
def exception():
    """A template for all vectors: record the entry, run what VECTORS has for the exception, record the exit.

    IPSR and PRIMASK: DDI 0403E, sections B1.4.2 and B1.4.3. PRIMASK is 0 where an interrupt begins.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0)  # the state's address
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4)
    ldr(r4, [r4, 0])
    data(2, 0xF3EF, 0x8505)  # mrs r5, IPSR
    cpsid(0)
    ldr(r0, [r4, 0])
    ldr(r1, [r4, 8])
    and_(r1, r0)
    ldr(r2, [r4, 4])
    add(r1, r1, r2)
    ldr(r2, [r4, 12])
    ldr(r2, [r2, 0])
    str(r2, [r1, 0])
    str(r5, [r1, 4])
    add(r0, 8)
    str(r0, [r4, 0])
    cpsie(0)
    ldr(r0, [r4, 16])
    lsl(r1, r5, 2)
    add(r0, r0, r1)
    ldr(r0, [r0, 0])
    data(2, 0x4780)  # blx r0
    mov(r0, 1)  # EXIT << KIND_SHIFT
    lsl(r0, r0, 9)
    orr(r5, r0)
    data(2, 0xF3EF, 0x8610)  # mrs r6, PRIMASK
    cpsid(0)
    ldr(r0, [r4, 0])
    ldr(r1, [r4, 8])
    and_(r1, r0)
    ldr(r2, [r4, 4])
    add(r1, r1, r2)
    ldr(r2, [r4, 12])
    ldr(r2, [r2, 0])
    str(r2, [r1, 0])
    str(r5, [r1, 4])
    add(r0, 8)
    str(r0, [r4, 0])
    data(2, 0xF386, 0x8810)  # msr PRIMASK, r6
    label(END)


@micropython.asm_thumb
def around():
    """A template for functions in assembly: record a word before, call the function, record a word after; 0 for none.

    Up to four arguments and the result go through.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)  # the state's address, word before, word after, the function's code with the Thumb bit
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 4)
    ldr(r5, [r4, 4])
    cmp(r5, 0)
    beq(CALL)
    data(2, 0xB40F)  # push {r0-r3}
    bl(RECORD)
    data(2, 0xBC0F)  # pop {r0-r3}
    label(CALL)
    ldr(r6, [r4, 12])
    data(2, 0x47B0)  # blx r6
    ldr(r5, [r4, 8])
    cmp(r5, 0)
    beq(END)
    data(2, 0xB40F)
    bl(RECORD)
    data(2, 0xBC0F)
    b(END)
    label(RECORD)
    ldr(r6, [r4, 0])
    data(2, 0xF3EF, 0x8005)  # mrs r0, IPSR
    orr(r5, r0)
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r0, [r6, 0])
    ldr(r1, [r6, 8])
    and_(r1, r0)
    ldr(r2, [r6, 4])
    add(r1, r1, r2)
    ldr(r2, [r6, 12])
    ldr(r2, [r2, 0])
    str(r2, [r1, 0])
    str(r5, [r1, 4])
    add(r0, 8)
    str(r0, [r6, 0])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0x4770)  # bx lr
    label(END)


@micropython.asm_thumb
def calling():
    """A template for the code that calls a handler's function, which is told in r0 where the handler's words are."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)  # the state's address, the code with the Thumb bit
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 2)
    mov(r5, 10)  # CALL
    lsl(r5, r5, 9)
    lsl(r6, r0, 13)
    orr(r5, r6)
    data(2, 0xB40F)  # push {r0-r3}
    bl(RECORD)
    data(2, 0xBC0F)  # pop {r0-r3}
    ldr(r6, [r4, 4])
    data(2, 0x47B0)  # blx r6
    mov(r0, 1)
    lsl(r0, r0, 9)
    orr(r5, r0)  # RETURN
    bl(RECORD)
    b(END)
    label(RECORD)
    ldr(r6, [r4, 0])
    data(2, 0xF3EF, 0x8005)  # mrs r0, IPSR
    orr(r5, r0)
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r0, [r6, 0])
    ldr(r1, [r6, 8])
    and_(r1, r0)
    ldr(r2, [r6, 4])
    add(r1, r1, r2)
    ldr(r2, [r6, 12])
    ldr(r2, [r2, 0])
    str(r2, [r1, 0])
    str(r5, [r1, 4])
    add(r0, 8)
    str(r0, [r6, 0])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    data(2, 0x4770)  # bx lr
    label(END)


@micropython.asm_thumb
def sleeping():
    """A template for `machine.sleep_hook`, called with 0 before the port sleeps and 1 after it, interrupts masked."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)  # the state's address, the word of SLEEP
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 2)
    ldr(r5, [r4, 4])
    ldr(r4, [r4, 0])
    lsl(r0, r0, 9)  # WAKE is SLEEP and one
    orr(r5, r0)
    data(2, 0xF3EF, 0x8005)  # mrs r0, IPSR
    orr(r5, r0)
    ldr(r0, [r4, 0])
    ldr(r1, [r4, 8])
    and_(r1, r0)
    ldr(r2, [r4, 4])
    add(r1, r1, r2)
    ldr(r2, [r4, 12])
    ldr(r2, [r2, 0])
    str(r2, [r1, 0])
    str(r5, [r1, 4])
    add(r0, 8)
    str(r0, [r4, 0])
    ldr(r0, [r4, 28])
    cmp(r0, 0)
    beq(END)
    data(2, 0x4780)  # blx r0
    label(END)


@micropython.asm_thumb
def until():
    """A template to run ahead of other code, SysTick's for example, and after each sleep: once the time is over, keep
    the ring as it is.

    What is recorded afterwards goes to a slot of its own. Up to four arguments and the result go through.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0)  # the state's address, the other code or 0, clock before, its bits, time left, slot
    label(BODY)
    data(2, 0xB40F)  # push {r0-r3}
    mov(r4, pc)
    sub(r4, 4 + 4 * 8 + 2)
    ldr(r5, [r4, 0])
    ldr(r0, [r5, 12])
    ldr(r6, [r0, 0])
    ldr(r1, [r4, 8])
    str(r6, [r4, 8])
    sub(r0, r6, r1)
    ldr(r1, [r4, 12])
    and_(r0, r1)
    ldr(r1, [r4, 16])
    ldr(r2, [r4, 20])
    mov(r3, 0)
    sub(r1, r1, r0)
    sbc(r2, r3)
    str(r1, [r4, 16])
    str(r2, [r4, 20])
    cmp(r2, 0)
    bge(RUN)
    ldr(r0, [r5, 20])
    cmp(r0, 0)
    bne(RUN)
    mov(r1, r4)
    add(r1, 24)
    data(2, 0xF3EF, 0x8710)  # mrs r7, PRIMASK
    cpsid(0)
    ldr(r0, [r5, 0])
    str(r0, [r5, 20])
    str(r6, [r5, 24])
    str(r3, [r5, 8])
    str(r1, [r5, 4])
    data(2, 0xF387, 0x8810)  # msr PRIMASK, r7
    label(RUN)
    data(2, 0xBC0F)  # pop {r0-r3}
    ldr(r6, [r4, 4])
    cmp(r6, 0)
    beq(END)
    data(2, 0x47B0)  # blx r6
    label(END)
