"""Byte formats that host and chip share: pure code, which runs under CPython and MicroPython alike.

Nothing here touches hardware, waits, or keeps a time. The host's tools import these same files.
"""
