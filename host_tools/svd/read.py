"""A chip as an SVD file describes it: its peripherals, each read into the register model when it is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from host_tools.errors import UsageError
from host_tools.registers.model import Block, Cluster, Register
from host_tools.svd.derive import Derivations, overlay
from host_tools.svd.elements import ADDRESSES, Properties, Reader, end, plain, with_label
from host_tools.svd.names import class_name, identifier
from host_tools.svd.parser import Parser

_FALLBACK = Properties(32, None, 0, None)
_NOTHING = Properties(None, None, None, None)


@dataclass(frozen=True)
class Peripheral:
    """A peripheral as its module has it. `parent` has the same registers: the name of that peripheral."""

    name: str
    base: int
    text: str
    parent: str | None = None


class Chip:
    """An SVD file. Its peripherals are read when they are asked for.

    `warnings` grow with what had to be left out of those that were.
    """

    def __init__(self, tree: Any, file_name: str) -> None:
        """`file_name` for errors, and for the text of the modules."""
        parser = Parser(tree, file_name)
        self.file_name = file_name
        self.warnings: list[str] = []
        self._device = parser.device()
        self._derive = Derivations(parser)
        self._written: dict[str, str] = {}
        self._peripherals: dict[str, Peripheral] = {}
        for name in sorted(self._derive.names, key=lambda name: len(list(self._derive.ancestors(name)))):
            for each in self._instances(name):
                if each.name in self._peripherals:
                    raise _wrong(file_name, f"peripheral {name}", f"there are two that are called {each.name}")
                self._peripherals[each.name] = each
        if not self._peripherals:
            raise _wrong(file_name, "the device", "has no peripheral that could be used")

    @property
    def name(self) -> str:
        """The device."""
        return plain(self._device.name) or self.file_name

    @property
    def version(self) -> str:
        """Of the file, as the vendor counts."""
        return plain(self._device.version)

    @property
    def peripherals(self) -> dict[str, Peripheral]:
        """By name, in the order of the file."""
        return self._peripherals

    def block(self, name: str) -> Block:
        """The registers of a peripheral, as the vendor lists them. UsageError for what cannot be."""
        written = self._written[name]
        peripheral = self._whole(written)
        outer = Properties.of(peripheral, Properties.of(self._device, _FALLBACK))
        reader = Reader(self._derive, written, self.file_name, self.warnings)
        items = reader.items(peripheral.registers or [], outer, name)
        block = Block(class_name(name), items, _size(peripheral, items), text=plain(peripheral.description))
        self._derive.forget(written)
        return block

    def _whole(self, name: str) -> Any:
        peripheral = self._derive.peripheral(name)
        parent = self._derive.parent(name)
        return overlay(peripheral, self._whole(parent)) if parent else peripheral

    def _instances(self, name: str) -> Iterator[Peripheral]:
        """A peripheral, or each of an array of them."""
        outline = self._derive.outline(name)
        parent = self._derive.parent(name)
        if outline.base_address is None:
            raise _wrong(self.file_name, f"peripheral {name}", "has no baseAddress")
        own = self._derive.has_registers(name) or any(value is not None for value in Properties.of(outline, _NOTHING))
        text = plain(outline.description)
        first = None if own else self._sharing(parent)
        for number, label in enumerate(outline.dim_index or [""]):
            base = outline.base_address + number * (outline.dim_increment or 0)
            if not 0 <= base < ADDRESSES:
                self.warnings.append(f"{self.file_name}: {name} is left out: {base:#x} is no address of 32 bits")
                continue
            each = identifier(with_label(name, label))
            self._written[each] = name
            yield Peripheral(each, base, text, first)
            first = first or each

    def _sharing(self, name: str | None) -> str | None:
        """The first peripheral that has the registers of the one that the file calls `name`."""
        alike = (self._peripherals[each] for each, written in self._written.items() if written == name)
        return next((each.parent or each.name for each in alike), None)


def _size(peripheral: Any, items: tuple[Register | Cluster, ...]) -> int | None:
    """Bytes from the base to the end of the last address block, unless the vendor has registers outside of it."""
    blocks = peripheral.address_blocks or ()
    ends = [block.offset + block.size for block in blocks if block.offset is not None and block.size is not None]
    size = max(ends, default=0)
    return size if size and all(end(item) <= size for item in items) else None


def _wrong(file_name: str, where: str, what: str) -> UsageError:
    return UsageError(f"{file_name}: {where}: {what}", fix="correct the file, or patch it with --patch")
