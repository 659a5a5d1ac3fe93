"""Lets the firmware be imported on the host: stubs/ stands for MicroPython, models.py for the chip."""

import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
FIRMWARE = HERE.parent.parent / "firmware"

for folder in (FIRMWARE / "apps" / "demo", FIRMWARE, HERE / "stubs", HERE):
    sys.path.insert(0, str(folder))

_TICKS = 1 << 30


def _ticks_ms():
    return time.monotonic_ns() // 1_000_000 % _TICKS


def _ticks_add(ticks, delta):
    return (ticks + delta) % _TICKS


def _ticks_diff(end, start):
    return (end - start + _TICKS // 2) % _TICKS - _TICKS // 2


time.ticks_ms, time.ticks_add, time.ticks_diff = _ticks_ms, _ticks_add, _ticks_diff  # type: ignore[attr-defined]
