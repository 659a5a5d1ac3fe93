"""Stands for MicroPython's `machine` on the host: there is no memory to reach, so any access is an error."""


class _NoMemory:
    def __getitem__(self, address):
        raise AssertionError(f"hardware was read at {address:#x}")

    def __setitem__(self, address, value):
        raise AssertionError(f"hardware was written at {address:#x}")


mem8 = mem16 = mem32 = _NoMemory()
