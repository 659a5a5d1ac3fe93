"""MicroPython's own ports, built as they are, with an app frozen in."""
