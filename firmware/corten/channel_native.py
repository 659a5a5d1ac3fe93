"""Templates for native handlers that put what they read from a device into a channel, or hand it what they take out.

    line.bind(native(push_word, samples.native_producer(), adc.DR.address, uses=samples))

Their words: the channel's address, the address of the device's register, and two that may be left out, the address of a
flag register and what is stored there first, which for most devices ends the request. An event that comes after that
requests anew, so none is lost.

The order of loads and stores, and why it needs no barrier: `corten.channel_code`. One instruction, LDM, loads HEAD,
TAIL, MASK and ADDRESS; where an interrupt cuts it short it starts anew or goes on (DDI 0403E, B1.5.10), and both are
good.
"""

import micropython


@micropython.asm_thumb
def push_word():
    """Put the 32 bits at the register into a channel of words; count them in `refused` when it is full.

    19 instructions, entry and return included, and one more with a flag.
    Words: the channel, the register, the flag register, its value.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 4)
    data(2, 0xC81E)  # ldm r0!, {r1, r2, r3, r4}
    cmp(r3, 0)
    beq(READ)
    str(r4, [r3, 0])
    label(READ)
    ldr(r2, [r2, 0])
    mov(r0, r1)
    data(2, 0xC978)  # ldm r1!, {r3, r4, r5, r6}
    sub(r4, r3, r4)
    cmp(r4, r5)
    bls(ROOM)
    ldr(r3, [r1, 0])
    add(r3, 1)
    str(r3, [r1, 0])
    b(END)
    label(ROOM)
    and_(r5, r3)
    lsl(r5, r5, 2)
    data(2, 0x5172)  # str r2, [r6, r5]
    add(r3, 1)
    str(r3, [r0, 0])
    label(END)


@micropython.asm_thumb
def push_byte():
    """Put the low byte of the register, which is read as 32 bits, into a channel of bytes; else as `push_word`."""
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 4)
    data(2, 0xC81E)  # ldm r0!, {r1, r2, r3, r4}
    cmp(r3, 0)
    beq(READ)
    str(r4, [r3, 0])
    label(READ)
    ldr(r2, [r2, 0])
    mov(r0, r1)
    data(2, 0xC978)  # ldm r1!, {r3, r4, r5, r6}
    sub(r4, r3, r4)
    cmp(r4, r5)
    bls(ROOM)
    ldr(r3, [r1, 0])
    add(r3, 1)
    str(r3, [r1, 0])
    b(END)
    label(ROOM)
    and_(r5, r3)
    data(2, 0x5572)  # strb r2, [r6, r5]
    add(r3, 1)
    str(r3, [r0, 0])
    label(END)


@micropython.asm_thumb
def pop_word():
    """Take a word out of a channel of words and store it to the register; do nothing more when it is empty.

    Words: the channel, the register, the flag register, its value.
    """
    b(BODY)
    b(END)
    align(4)
    data(4, 0, 0, 0, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4 * 4)
    data(2, 0xC81E)  # ldm r0!, {r1, r2, r3, r4}
    cmp(r3, 0)
    beq(LOOK)
    str(r4, [r3, 0])
    label(LOOK)
    mov(r0, r1)
    data(2, 0xC978)  # ldm r1!, {r3, r4, r5, r6}
    cmp(r3, r4)
    beq(END)
    and_(r5, r4)
    lsl(r5, r5, 2)
    data(2, 0x5973)  # ldr r3, [r6, r5]
    str(r3, [r2, 0])
    add(r4, 1)
    str(r4, [r0, 4])
    label(END)
