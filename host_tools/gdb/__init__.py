"""A debugger on a target: what starts it, and what it knows of MicroPython (inside/, which gdb runs)."""

PROGRAMS = ("gdb-multiarch", "arm-none-eabi-gdb")
"""Either serves."""
