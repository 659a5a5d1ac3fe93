"""Corten's host tools: build, run, flash and test MicroPython firmware for Cortex-M."""

__version__ = "0.1.0"
