"""Entering and leaving critical sections, nested ones too, works with the heap locked."""

import micropython

from corten.critical import critical


def sections():
    with critical:
        for _ in range(20):
            with critical, critical:
                pass


sections()
micropython.heap_lock()
try:
    sections()
finally:
    micropython.heap_unlock()
