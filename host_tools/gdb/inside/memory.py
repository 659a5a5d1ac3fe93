"""The target's memory and symbols."""

import gdb


def word(address: int) -> int:
    """The 32-bit word at an address. gdb.MemoryError where there is none."""
    return number(address, 4)


def half(address: int) -> int:
    """The 16-bit number at an address."""
    return number(address, 2)


def number(address: int, size: int) -> int:
    """The number in `size` bytes at an address."""
    return int.from_bytes(bytes(gdb.selected_inferior().read_memory(address & 0xFFFF_FFFF, size)), "little")


def symbol_at(address: int) -> str:
    """The name of what is at an address; empty where there is nothing."""
    said = gdb.execute(f"info symbol {address:#x}", to_string=True)
    return "" if said.startswith("No symbol") else said.split()[0]
