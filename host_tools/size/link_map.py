"""The linker's map: which object each part of an image came from."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MAP = "Linker script and memory map"
_PART = re.compile(
    r"^ (?P<section>[^\s*(][^\s(]*)\s+0x(?P<address>[0-9a-f]+)\s+0x(?P<size>[0-9a-f]+)(?: (?P<object>\S.*))?$",
    re.MULTILINE,
)


_NOT_LOADED = (".debug_", ".comment", ".ARM.attributes")
"""What the map gives addresses from 0 on, where some chips have their flash."""


@dataclass(frozen=True)
class Part:
    """A section of one object file, and where it lies."""

    section: str
    address: int
    size: int
    object: str


def read_map(path: Path) -> list[Part]:
    """The parts that have a size, by address."""
    text = path.read_text(encoding="utf-8", errors="replace").partition(_MAP)[2]
    parts = [
        Part(found["section"], int(found["address"], 16), int(found["size"], 16), _name(found["object"] or ""))
        for found in _PART.finditer(text)
        if not found["section"].startswith(_NOT_LOADED)
    ]
    return sorted((part for part in parts if part.size and part.object), key=lambda part: part.address)


def _name(word: str) -> str:
    """`py/vm.o` of a path, `libgcc.a(_udivsi3.o)` of a library's member."""
    archive, _, member = word.strip().rpartition("(")
    if archive:
        return f"{PurePosixPath(archive).name}({member}"
    parts = PurePosixPath(word).parts
    return "/".join(parts[-2:])
