"""What firmware/deploy/inventory.py tells of a board."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from host_tools.errors import TargetError

STATE = "/.deploy"
LAUNCHER = "/main.py"
SLOTS = ("a", "b")
ARCHITECTURES = (
    *("", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin"),
    "rv32imc",
)
"""By their numbers in sys.implementation._mpy: MicroPython's documentation, "MicroPython .mpy files"."""


_THUMB = ARCHITECTURES[4:9]
"""Each loads what was compiled for those before it."""


@dataclass(frozen=True)
class Facts:
    """The interpreter of a board: what a compiled file has to match, and what it can do.

    `format`: version and sub-version of .mpy files, `arch`: of native code in them, both empty where it loads none.
    `deflate`: whether it inflates. `free`: bytes of its memory that were. `frozen`: the modules in its firmware, as
    `corten/irq`. `board`: what its module `board` says it is, "" if it has none.
    """

    version: str
    format: tuple[int, int] | None
    arch: str
    deflate: bool
    free: int = 0
    frozen: frozenset[str] = frozenset()
    board: str = ""

    @property
    def has_corten(self) -> bool:
        """Whether the package is in the firmware."""
        return "corten/__init__" in self.frozen

    def loads(self, arch: str) -> bool:
        """Whether the board runs native code that was compiled for `arch`."""
        if arch in _THUMB and self.arch in _THUMB:
            return _THUMB.index(arch) <= _THUMB.index(self.arch)
        return bool(arch) and arch == self.arch

    @property
    def has_board(self) -> bool:
        """Whether the module that describes the board is in the firmware."""
        return "board" in self.frozen


@dataclass(frozen=True)
class Inventory:
    """A board as it was found: `slot` is the running one's name, "" for none; `files` its paths and their digests."""

    facts: Facts
    slot: str
    files: dict[str, str] = field(default_factory=dict)


def read_inventory(text: str, deflate: bool) -> Inventory:
    """Reads all that the board printed. TargetError when it is something else."""
    head, mark, modules = text.partition("modules\n")
    lines = [line.split(" ", 1) for line in head.splitlines()]
    words = {line[0]: line[1] for line in lines if len(line) > 1}
    if not mark or "version" not in words:
        raise TargetError(f"the board told something else than what it has: {text[-400:]!r}")
    number = int(words["mpy"])
    arch = number >> 10 & 0x1F
    facts = Facts(
        words["version"],
        (number & 0xFF, number >> 8 & 3) if number else None,
        ARCHITECTURES[arch] if arch < len(ARCHITECTURES) else "",
        deflate,
        int(words["free"]),
        frozenset(modules.partition("\nPlus any")[0].split()),
        words.get("board", ""),
    )
    return Inventory(facts, words.get("slot", ""), read_files(head.splitlines()))


def read_files(lines: Iterable[str]) -> dict[str, str]:
    """Paths and digests of the files that a board listed; an empty folder has "-" for its digest."""
    found = {}
    for line in lines:
        kind, _, rest = line.partition(" ")
        digest, _, path = rest.partition(" ")
        if kind in ("file", "empty"):
            found[path] = digest
    return found
