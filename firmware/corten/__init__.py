"""Corten on the chip: guarantees that Rust gives embedded code, for MicroPython on Cortex-M.

Nothing here touches hardware when it is imported; one primitive lives in each file.
"""

__version__ = "0.1.0"
