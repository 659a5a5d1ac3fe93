"""What an image takes, piece by piece: the sum of the pieces is all of it."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from host_tools.base import MAP
from host_tools.elf_symbols import Elf, Section, Symbol, read_elf
from host_tools.errors import FailedError, UsageError
from host_tools.size.frozen import Owner, owners
from host_tools.size.link_map import Part, read_map

FROZEN = "frozen_content"
SHARED = "(names and tables)"
"""What frozen modules have in common: interned names, lists of modules."""

STACK, HEAP, PADDING = "stack", "heap", "(padding)"


@dataclass(frozen=True)
class Piece:
    """A function or object of a module. kind: `python`, `c` or `reserved`, which is the heap and the stack."""

    kind: str
    module: str
    name: str
    what: str
    flash: int
    ram: int


@dataclass(frozen=True)
class Report:
    """An image's pieces; in bytes. `ram` is without the heap and the stack, which are what the board has room for."""

    board: str
    app: str
    pieces: tuple[Piece, ...] = field(repr=False)

    @property
    def flash(self) -> int:
        """Bytes of code, constants and initial values."""
        return sum(piece.flash for piece in self.pieces)

    @property
    def ram(self) -> int:
        """Bytes of variables."""
        return sum(piece.ram for piece in self.pieces if piece.kind != "reserved")

    @property
    def reserved(self) -> int:
        """Bytes of the heap and the stack, as far as the linker knows of them."""
        return sum(piece.ram for piece in self.pieces if piece.kind == "reserved")

    def data(self) -> dict[str, object]:
        """As `read` takes it."""
        totals = {"flash": self.flash, "ram": self.ram, "reserved": self.reserved}
        return {"board": self.board, "app": self.app, **totals, "pieces": [asdict(piece) for piece in self.pieces]}


def read(path: Path) -> Report:
    """A report that was written as JSON. UsageError for another file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Report(data["board"], data["app"], tuple(Piece(**piece) for piece in data["pieces"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no report of sizes: {error}", fix="make one: corten size --json > FILE") from error


def measure(board: str, app: str, path: Path, sources: Mapping[str, str]) -> Report:
    """The report of an image. `sources`: the text of its modules, by file.

    FailedError where the linker's map is not beside it.
    """
    elf, folder = read_elf(path), path.parent
    if not (folder / MAP).exists():
        raise FailedError(f"{folder / MAP} is missing", fix=f"remove {folder} and build again")
    content = folder / f"{FROZEN}.c"
    known = owners(content, sources) if content.exists() else {}
    parts = read_map(folder / MAP)
    return Report(board, app, tuple(_joined(_pieces(elf, parts, known))))


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """One piece for each thing, the largest first."""
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for piece in pieces:
        total = sums.setdefault((piece.kind, piece.module, piece.name, piece.what), [0, 0])
        total[0] += piece.flash
        total[1] += piece.ram
    made = [Piece(*key, flash, ram) for key, (flash, ram) in sums.items() if flash or ram]
    return sorted(made, key=lambda piece: (-piece.flash - piece.ram, piece.module, piece.name))


def _pieces(elf: Elf, parts: list[Part], known: dict[str, Owner]) -> Iterator[Piece]:
    for section in elf.sections:
        inside = [part for part in parts if part.address in section]
        symbols = [symbol for symbol in elf.symbols if symbol.size and symbol.address in section]
        yield from _section(section, inside, symbols, known)


def _section(section: Section, parts: list[Part], symbols: list[Symbol], known: dict[str, Owner]) -> Iterator[Piece]:
    """Walks through a section's bytes: each belongs to a symbol, else to a part, else it is padding."""
    covered, end = section.address, section.address + section.size
    addresses = [symbol.address for symbol in symbols]
    for part in parts:
        start, stop = max(part.address, covered), min(part.address + part.size, end)
        if start >= stop:
            continue
        if start > covered:
            yield _unknown(section, start - covered)
        rest = stop - start
        for symbol in symbols[bisect_left(addresses, start) : bisect_left(addresses, stop)]:
            size = min(symbol.size, stop - symbol.address, rest)
            yield _named(section, part, symbol, size, known)
            rest -= size
        if rest:
            yield _rest(section, part, rest)
        covered = stop
    if covered < end:
        yield _unknown(section, end - covered)


def _named(section: Section, part: Part, symbol: Symbol, size: int, known: dict[str, Owner]) -> Piece:
    if FROZEN in part.object:
        owner = known.get(symbol.name, Owner(SHARED, symbol.name, "table"))
        return _piece(section, "python", owner.file, owner.function, owner.what, size)
    if section.stored is None and symbol.name == HEAP:
        return _piece(section, "reserved", HEAP, HEAP, HEAP, size)
    return _piece(section, "c", part.object, symbol.name, "code" if symbol.is_function else "data", size)


def _rest(section: Section, part: Part, size: int) -> Piece:
    """What of a part has no symbol: texts, for the most."""
    if FROZEN in part.object:
        return _piece(section, "python", SHARED, "texts", "texts", size)
    return _piece(section, "c", part.object, part.section, "texts" if ".str" in part.section else "other", size)


def _unknown(section: Section, size: int) -> Piece:
    is_reserved = section.stored is None and (STACK in section.name or HEAP in section.name)
    name = HEAP if HEAP in section.name else STACK
    return (
        _piece(section, "reserved", name, name, name, size)
        if is_reserved
        else _piece(section, "c", PADDING, section.name, "padding", size)
    )


def _piece(section: Section, kind: str, module: str, name: str, what: str, size: int) -> Piece:
    flash = size if section.stored is not None else 0
    ram = size if section.stored is None or (section.is_writable and section.stored != section.address) else 0
    return Piece(kind, module, name, what, flash, ram)
