"""Stands for MicroPython's `uctypes` on the host: made-up addresses that lead back to the buffers they are of."""

UINT16, UINT32, ARRAY = 1, 2, 4

_buffers = []
_next = [0x2000_0000]


def addressof(buffer):
    """The same address for the same memory each time, 16-byte aligned."""
    view = memoryview(buffer)
    for base, known in _buffers:
        if known.obj is view.obj:
            return base
    base = _next[0]
    _next[0] += (view.nbytes + 31) // 16 * 16
    _buffers.append((base, view.cast("B")))
    return base


def bytearray_at(address, size):
    """A view of the memory that has this address."""
    for base, known in _buffers:
        if base <= address and address + size <= base + known.nbytes:
            return known[address - base : address - base + size]
    raise AssertionError(f"nothing is at {address:#x}")
