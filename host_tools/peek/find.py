"""Which peripheral is meant by a name: one of a board's, of a firmware module's, or of a vendor's SVD file."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

from host_tools import paths
from host_tools.boards import Board
from host_tools.errors import UsageError
from host_tools.registers.expressions import Unknown
from host_tools.registers.model import Block, Cluster, Instance, Placed, placed
from host_tools.registers.source import Library, Module, read_file

DRIVERS = "corten.drivers"
_MANY = 12  # names that a message lists


def on_board(board: Board, name: str) -> Instance:
    """A peripheral of the board's chip, by the chip's name or the board's own, with the registers of its driver.

    UsageError if there is no such peripheral, or no driver for it that says which registers it has.
    """
    offered = {each: offer.instance for each, offer in board.peripherals.items()}
    known = {each: each for each in board.chip.peripherals} | offered
    name = as_spelled(name, known)
    if name not in known:
        fix = "name one of them; --module and --svd know others"
        raise unknown(f"{board.name} has no peripheral {name}", name, known, fix)
    peripheral = board.chip.peripherals[known[name]]
    module = Library(paths.firmware_dir())(f"{DRIVERS}.{peripheral.block}")
    if module is None:
        message = f"{name} is a {peripheral.block}, and no driver says which registers that has"
        raise UsageError(message, fix="--svd FILE or --module FILE.py with its registers")
    return Instance(name, main_block(module), peripheral.base)


def main_block(module: Module) -> Block:
    """The block that a driver is about: the one that no other block of its module is made of.

    UsageError if that leaves none, or more than one.
    """
    parts = {each.name for block in module.blocks.values() for each in _parts(block)}
    found = [block for name, block in module.blocks.items() if name not in parts and not name.startswith("_")]
    if len(found) != 1:
        names = ", ".join(block.name for block in found) or "none that can be read"
        fix = "keep one block a driver, or give --module FILE.py with an instance of the one that is meant"
        raise UsageError(f"{module.path}: expected one register block, found {names}", fix)
    return found[0]


def in_module(path: Path, name: str) -> Instance:
    """An instance in a firmware module's file: `NAME = Gpio(0x4800_0000)`. UsageError if it has none of that name."""
    root = path.resolve().parent
    while (root / "__init__.py").is_file():
        root = root.parent
    dotted = ".".join(path.resolve().with_suffix("").relative_to(root).parts)
    module = read_file(path, Library(root, paths.firmware_dir()), dotted)
    name = as_spelled(name, module.names)
    found = module.names.get(name)
    if isinstance(found, Instance):
        return Instance(name, found.block, found.base)
    if isinstance(found, Unknown):
        fix = f"write {name} = Block(address), with a class and a number that the module says"
        raise UsageError(f"{path}: what {name} is cannot be read: {found.reason}", fix)
    names = [each for each, meaning in module.names.items() if isinstance(meaning, Instance)]
    fix = "name one of them" if names else f"add {name} = Block(address) to the module"
    raise unknown(f"{path} defines no peripheral {name}", name, names, fix)


def in_svd(path: Path, name: str) -> Instance:
    """A peripheral of a vendor's SVD file, with the registers that `corten svd generate` makes of it.

    UsageError for a file that cannot be read, or has none of that name.
    """
    from host_tools.svd.generate import folded, peripheral_name
    from host_tools.svd.parser import load
    from host_tools.svd.read import Chip

    chip = Chip(load(path), path.name)
    name = peripheral_name(chip, name)
    return Instance(name, folded(chip, name), chip.peripherals[name].base)


def registers_of(instance: Instance, names: Iterable[str] = ()) -> list[Placed]:
    """The registers of an instance, in the order of their table: all, or those named.

    A name is a register's path, such as `CTRL` or `CH[2].CCR`, or the beginning of several: `CH[2]`, `CH`.

    UsageError for a name that none has.
    """
    every = list(placed(instance.block, instance.base))
    wanted = [as_spelled(name, [part for each in every for part in _beginnings(each.path)]) for name in names]
    for name in wanted:
        if not any(_is_in(each.path, name) for each in every):
            raise unknown(f"{instance.name} has no register {name}", name, [each.path for each in every])
    return [each for each in every if not wanted or any(_is_in(each.path, name) for name in wanted)]


def as_spelled(name: str, names: Iterable[str]) -> str:
    """The one of `names` that is `name`, whatever its letters' case; `name` itself if there is none."""
    known = list(names)
    return name if name in known else next((each for each in known if each.upper() == name.upper()), name)


def unknown(problem: str, name: str, names: Iterable[str], fix: str = "name one of them") -> UsageError:
    """The error for a name that is none of `names`: with those that look like it, else with the first of them all."""
    known = sorted(names, key=_by_number)
    upper = {each.upper(): each for each in known}
    near = [upper[each] for each in difflib.get_close_matches(name.upper(), upper, n=3, cutoff=0.5)]
    if near:
        return UsageError(f"{problem}; did you mean {' or '.join(near)}?", fix)
    more = f", … ({len(known)} in all)" if len(known) > _MANY else ""
    return UsageError(f"{problem}; there is {', '.join(known[:_MANY]) or 'none'}{more}", fix)


def _beginnings(path: str) -> list[str]:
    """`CH`, `CH[2]` and `CH[2].CCR` of the last one of these."""
    return [path[: match.start()] for match in re.finditer(r"[.\[]|$", path)]


def _is_in(path: str, name: str) -> bool:
    return path == name or path.startswith((f"{name}[", f"{name}."))


def _by_number(name: str) -> list[str | int]:
    # Every second piece is a number, so pieces at the same place can be compared.
    return [int(piece) if piece.isdigit() else piece for piece in re.split(r"(\d+)", name)]


def _parts(block: Block) -> Iterable[Block]:
    for item in block.items:
        if isinstance(item, Cluster):
            yield item.block
            yield from _parts(item.block)
