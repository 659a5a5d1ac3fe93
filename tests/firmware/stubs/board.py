"""Stands for the generated board module."""

IRQ_COUNT = 32
PRIORITY_BITS = 3
