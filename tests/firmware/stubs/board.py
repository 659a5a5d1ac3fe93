"""Stands for the generated board module."""

IRQ_COUNT = 32
PRIORITY_BITS = 3
PRIORITIES = 8
BASEPRI = True
INTERRUPTS = {"TIMER": 8}
DISPATCHERS = (20, 21)
CLOCK = None
CAPABILITIES = {"timer": 8}
