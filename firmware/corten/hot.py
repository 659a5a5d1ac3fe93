"""Marks functions whose time matters: `corten build` lowers them to machine code, with their registers as pointers.

    @hot
    def pulse(count: int):
        for _ in range(count):
            GPIOA.BSRR.write(BS5=1)
            GPIOA.BSRR.write(BR5=1)

Unlowered, the mark does nothing. Lowered, integers in the function are 32 bits wide, signed where they are annotated
`int` and unsigned where they are annotated `uint`: keep what is computed within that, and annotate each parameter that
is an integer. Do not divide, or take the remainder of, what may be close to -2**31: MicroPython's division overflows
there.
"""

uint = int


def _itself(buffer):
    return buffer


# Of a buffer, lowered: its bytes, halfwords or words, neither checked nor counted. Unlowered, the buffer itself: of
# items of that size.
ptr8 = ptr16 = ptr32 = _itself


def hot(function):
    """Return `function` as it is."""
    return function
