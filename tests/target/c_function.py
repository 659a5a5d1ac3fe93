"""Functions made of machine code survive collections, take what they say, and end for all when they are revoked."""

import gc

import micropython

from corten.c_function import c_function, revoke


@micropython.asm_thumb
def answer():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    mov(r0, pc)
    sub(r0, 4 + 4)
    ldr(r0, [r0, 0])
    label(END)


@micropython.asm_thumb
def count_or_give():
    b(BODY)
    b(END)
    align(4)
    data(4, 0)
    label(BODY)
    cmp(r0, 0)
    beq(NONE)
    ldr(r0, [r1, 0])
    b(END)
    label(NONE)
    mov(r0, pc)
    sub(r0, 4 + 4 * 3)
    ldr(r0, [r0, 0])
    label(END)


class Owner:
    def instead(self, *arguments):
        return ("instead", arguments)


def refused(call):
    try:
        call()
    except TypeError:
        return True
    return False


def number(value):
    return value << 1 | 1


fixed = c_function(answer, number(42))
assert fixed() == 42
assert refused(lambda: fixed(1))
assert c_function(answer, id(None))() is None
given = c_function(count_or_give, number(7), most=1)
assert given(given) is given
assert given() == 7
assert refused(lambda: given(1, 2))

kept = [c_function(answer, number(each)) for each in range(20)]
for _ in range(5):
    junk = [bytearray(48) for _ in range(50)]
    gc.collect()
assert [function() for function in kept] == list(range(20))

owner = Owner()
again = fixed
revoke(fixed, owner.instead)
revoke(given, owner.instead)
del owner
for _ in range(5):
    junk = [bytearray(48) for _ in range(50)]
    gc.collect()
assert again() == ("instead", ())
assert given(3) == ("instead", (3,))
