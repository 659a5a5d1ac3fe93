"""Running out of memory raises MemoryError, and what was held can be used again afterwards."""

import gc

gc.collect()
free = gc.mem_free()
held, count = [], 0  # made beforehand: a full heap has no room for a name either
try:
    while True:
        held.append(bytearray(1024))
except MemoryError:
    pass
count = len(held)
held = None
gc.collect()
assert count > 10
assert gc.mem_free() > free - 2048, (free, gc.mem_free())
