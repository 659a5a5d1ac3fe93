"""What QEMU's trace says that a program did to the board's devices."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from host_tools.equivalence.layouts import MARK

OPTIONS = ("-trace", "memory_region_ops_read", "-trace", "memory_region_ops_write")
"""For QEMU: its events for each access to a device, which know address, value and size."""

_EVENT = re.compile(rb"_ops_(read|write) cpu \S+ mr \S+ addr 0x([0-9a-f]+) value 0x([0-9a-f]+) size (\d)")
_DEVICES = ((0x2200_0000, 0x2400_0000), (0x4000_0000, 0x4000_4000), (0x4000_5000, 0x6000_0000))
"""Where the bit-band alias of SRAM and the devices are, without UART0, which is the console."""

_BITS = 8


@dataclass(frozen=True)
class Access:
    """One access to a device; `width` in bits."""

    is_write: bool
    address: int
    value: int
    width: int

    def __str__(self) -> str:
        if self.address == MARK:
            return f"-- call {self.value}"
        direction = "write" if self.is_write else "read"
        return f"{direction}{self.width} {self.address:#010x} {self.value:#x}"


class Trace:
    """The file that the emulator writes its events to."""

    def __init__(self, path: Path) -> None:
        """`path`: it is made now."""
        path.touch()
        self._file = path.open("r+b")

    def options(self) -> list[str]:
        """The words for QEMU's command line."""
        return [*OPTIONS, "-D", self._file.name]

    def more(self) -> list[Access]:
        """What was done since it was last asked, the board's own devices left out."""
        found = []
        events = self._file.read()
        os.truncate(self._file.fileno(), 0)  # frees the disk; both ends go on where they were
        for kind, address, value, size in _EVENT.findall(events):
            where = int(address, 16)
            if any(first <= where < end for first, end in _DEVICES):
                width = int(size) * _BITS
                number = int(value, 16) & (1 << width) - 1
                found.append(Access(kind == b"write", where, number, width))
        return found

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
