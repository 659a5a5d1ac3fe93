"""Counters of 32 bits that any Python handler may use: neither counting nor sending them makes an integer object.

Callers: any context, one at a time. `Counts` allocates when it is made, and never again.
"""

from corten.hot import hot, ptr8, ptr32


@hot
def count(words, index: int):
    """Add 1 to a word of an array of them, modulo 2**32 when it is machine code."""
    counters = ptr32(words)
    counters[index] = counters[index] + 1


@hot
def add(words, index: int, number: int):
    """Add a number to a word of an array of them."""
    counters = ptr32(words)
    counters[index] = counters[index] + number


@hot
def put(words, index: int, target, at: int):
    """Store a word into a buffer of bytes, the high byte first."""
    word = ptr32(words)[index]
    bytes_of = ptr8(target)
    for shift in range(4):
        bytes_of[at + shift] = (word >> (24 - 8 * shift)) & 255
