"""Machine code of pins: templates for `corten.c_function`.

Callers: any context; they allocate nothing. Where a word is called none, it is id(None), the result of what has none.
"""

import micropython


@micropython.asm_thumb
def store():
    """Store a word. Words: the address, the word, none."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 3)
    data(2, 0xC80E)  # ldm r0!, {r1, r2, r3}
    str(r2, [r1, 0])
    mov(r0, r3)
    label(END)


@micropython.asm_thumb
def toggle():
    """Set a bit that is clear, and clear one that is set.

    Words: the register, the mask, the address and the word of the store that sets, those of the one that clears, none.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 7)
    data(2, 0xC8FE)  # ldm r0!, {r1-r7}
    data(2, 0xF3EF, 0x8010)  # mrs r0, PRIMASK
    cpsid(0)  # a handler that changes the pin as well comes before or after
    ldr(r1, [r1, 0])
    and_(r1, r2)
    beq(STORE)
    mov(r3, r5)
    mov(r4, r6)
    label(STORE)
    str(r4, [r3, 0])
    data(2, 0xF380, 0x8810)  # msr PRIMASK, r0
    mov(r0, r7)
    label(END)


@micropython.asm_thumb
def read_level():
    """Return whether a bit is set: 0 or 1. Words: the register, the mask."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 2)
    ldr(r1, [r0, 0])
    ldr(r2, [r0, 4])
    ldr(r1, [r1, 0])
    mov(r0, 1)
    and_(r1, r2)
    beq(END)
    mov(r0, 3)
    label(END)


@micropython.asm_thumb
def level():
    """Without an argument, of which r0 has the number, as `read_level`; with one, store a word chosen by its truth.

    Words: the register, the mask, the address and the word of the store for what is true, those for what is not, none,
    the function that tells an object's truth.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0, 0, 0, 0, 0)
    label(BODY)
    mov(r4, pc)
    sub(r4, 4 + 4 * 8)
    cmp(r0, 0)
    bne(WRITE)
    ldr(r1, [r4, 0])
    ldr(r2, [r4, 4])
    ldr(r1, [r1, 0])
    mov(r0, 1)
    and_(r1, r2)
    beq(END)
    mov(r0, 3)
    b(END)
    label(WRITE)
    ldr(r0, [r1, 0])
    ldr(r3, [r4, 28])
    data(2, 0x4798)  # blx r3
    cmp(r0, 0)
    beq(LOW)
    ldr(r1, [r4, 8])
    ldr(r2, [r4, 12])
    b(STORE)
    label(LOW)
    ldr(r1, [r4, 16])
    ldr(r2, [r4, 20])
    label(STORE)
    str(r2, [r1, 0])
    ldr(r0, [r4, 24])
    label(END)
