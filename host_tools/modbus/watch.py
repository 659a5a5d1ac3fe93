"""The node's counters in the emulator's memory: how the host knows that the node has seen a frame's end.

Silence cannot be waited for by the host's clock, which is not the emulated board's. The counters lie somewhere on the
heap; they are found by their values, which are known after a few frames.
"""

import re
import struct
import tempfile
import time
from pathlib import Path

from host_tools.boards import Board
from host_tools.errors import TargetError
from host_tools.modbus.layout import FIGURES
from host_tools.targets.monitor import Monitor

TIMEOUT_S = 20.0
_FIRST = FIGURES.index("frames")
_LAST = FIGURES.index("failures")


class Watch:
    """Counters of a node on `board`, which has them from `frames` to `failures` in words that follow each other."""

    def __init__(self, monitor: Monitor, board: Board, counts: dict[str, int]) -> None:
        """Finds them by what they are now. TargetError if they stay nowhere, or in several places."""
        self._monitor = monitor
        wanted = struct.pack(f"<{_LAST - _FIRST + 1}I", *(counts[name] for name in FIGURES[_FIRST : _LAST + 1]))
        region = board.chip.memory[board.own_port.data]
        until = time.monotonic() + TIMEOUT_S
        found: list[int] = []
        while len(found) != 1:
            if time.monotonic() > until:
                raise TargetError(f"the node's counters, {counts}, are in {len(found)} places of its memory")
            memory = self._memory(region.base, region.size)
            found = [each.start() for each in re.finditer(re.escape(wanted), memory)]
        self._address = region.base + found[0]

    @property
    def frames(self) -> int:
        """Frames whose end the node has seen."""
        return self._monitor.read_word(self._address)

    def wait(self, frames: int) -> None:
        """Until the node has seen the end of so many frames. TargetError when that takes longer than TIMEOUT_S."""
        until = time.monotonic() + TIMEOUT_S
        while self.frames < frames:
            if time.monotonic() > until:
                raise TargetError(f"the node has seen {self.frames} frames, not {frames}, after {TIMEOUT_S:g} s")

    def _memory(self, base: int, size: int) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "memory"
            said = self._monitor.command(f'pmemsave {base:#x} {size:#x} "{file}"')
            if said.strip():
                raise TargetError(f"the emulator does not give its memory: {said.strip()}")
            return file.read_bytes()
