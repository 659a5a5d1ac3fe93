"""Runs firmware under CPython on a memory that remembers every access: to compare lowered and unlowered code."""

import operator
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from host_tools import paths

Access = tuple[str, int, int, int]
"""`"read"` or `"write"`, the width in bits, the address, the value."""

_REPLACED = ("corten", "board", "machine", "micropython", "stm32", "main")


class Memory:
    """Bytes at any address. Until they are written, they hold what their address and `seed` give."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self.log: list[Access] = []
        self._seed = 0
        self._bytes: dict[int, int] = {}

    def forget(self, seed: int = 0) -> None:
        """Forgets what was written."""
        self._seed = seed
        self._bytes.clear()

    def read(self, address: int, size: int) -> int:
        """As the bus sees it: unsigned."""
        found = bytes(
            self._bytes.get(each, (each * 0x9D + self._seed * 0x59) & 0xFF) for each in range(address, address + size)
        )
        value = int.from_bytes(found, "little")
        self.log.append(("read", 8 * size, address, value))
        return value

    def write(self, address: int, size: int, value: int) -> None:
        """Modulo the width."""
        value &= (1 << 8 * size) - 1
        self.log.append(("write", 8 * size, address, value))
        self._bytes.update(zip(range(address, address + size), value.to_bytes(size, "little"), strict=True))


class Words:
    """What `machine.mem32` and the others are: signed when 32 bits wide, and for whole numbers only."""

    def __init__(self, memory: Memory, size: int) -> None:
        """`size` in bytes."""
        self._memory = memory
        self._size = size

    def __getitem__(self, address: int) -> int:
        value = self._memory.read(self._at(address), self._size)
        return value - (1 << 32) if self._size == 4 and value >> 31 else value

    def __setitem__(self, address: int, value: int) -> None:
        self._memory.write(self._at(address), self._size, operator.index(value))

    def _at(self, address: int) -> int:
        assert operator.index(address) % self._size == 0
        return address


@contextmanager
def running(files: Mapping[str, str], folder: Path) -> Iterator[Memory]:
    """The modules, and `corten`, can be imported, with a `machine` whose memory this gives."""
    memory = Memory()
    machine = types.ModuleType("machine")
    for size in (1, 2, 4):
        setattr(machine, f"mem{8 * size}", Words(memory, size))
    micropython = types.ModuleType("micropython")
    micropython.const = lambda value: value  # type: ignore[attr-defined]
    micropython.native = lambda function: function  # type: ignore[attr-defined]
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in sys.modules if each.split(".")[0] in _REPLACED]:
            patch.delitem(sys.modules, name)
        patch.setitem(sys.modules, "machine", machine)
        patch.setitem(sys.modules, "micropython", micropython)
        patch.setattr(sys, "path", [str(folder), str(paths.firmware_dir()), *sys.path])
        patch.setattr(sys, "dont_write_bytecode", True)
        try:
            yield memory
        finally:
            for name in [each for each in sys.modules if each.split(".")[0] in _REPLACED]:
                del sys.modules[name]
