"""What cmsis-svd parsed of a peripheral, as the register model: derivations, inheritance and arrays resolved."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from cmsis_svd.model import SVDAccessType, SVDModifiedWriteValuesType

from host_tools.errors import UsageError
from host_tools.registers.model import Access, Block, Cluster, Field, Register, Values
from host_tools.svd.derive import Derivations, meta
from host_tools.svd.names import IMPORTED, class_name, identifier
from host_tools.svd.wide import halves

ADDRESSES = 1 << 32
DEEPEST = 12
MOST_ITEMS = 200_000
WIDTHS = (8, 16, 32)
WIDE = 64
MOST_FIELDS = 32
RESERVED_NAME = re.compile(r"_?reserved_?\d*$", re.IGNORECASE)

_ACCESS = {
    SVDAccessType.READ_ONLY: Access.RO,
    SVDAccessType.WRITE_ONLY: Access.WO,
    SVDAccessType.READ_WRITE: Access.RW,
    SVDAccessType.WRITE_ONCE: Access.WO,
    SVDAccessType.READ_WRITE_ONCE: Access.RW,
}
_ACTING = {
    SVDModifiedWriteValuesType.ONE_TO_CLEAR: Access.W1C,
    SVDModifiedWriteValuesType.ONE_TO_SET: Access.W1S,
    SVDModifiedWriteValuesType.ONE_TO_TOGGLE: Access.W1T,
    SVDModifiedWriteValuesType.ZERO_TO_CLEAR: Access.W0C,
    SVDModifiedWriteValuesType.ZERO_TO_SET: Access.W0S,
}


class Properties(NamedTuple):
    """What registers inherit."""

    size: int | None
    access: SVDAccessType | None
    reset: int | None
    reset_mask: int | None

    @classmethod
    def of(cls, element: Any, outer: "Properties") -> "Properties":
        """Those of an element within one that has `outer`."""
        own = (element.size, element.access, element.reset_value, element.reset_mask)
        return cls._make(mine if mine is not None else theirs for mine, theirs in zip(own, outer, strict=True))


class Reader:
    """Reads the registers of one peripheral; UsageError for what `corten.register` could not have."""

    def __init__(self, derive: Derivations, home: str, file_name: str, warnings: list[str]) -> None:
        """`home` is the peripheral as the file spells it."""
        self._derive = derive
        self._home = home
        self._file_name = file_name
        self._warnings = warnings
        self._items = 0

    def items(
        self, elements: list[Any], outer: Properties, where: str, depth: int = 0
    ) -> tuple[Register | Cluster, ...]:
        """The registers and clusters, sorted by offset."""
        if depth > DEEPEST:
            raise self._wrong(where, "its clusters lie in one another without end")
        written = [meta(element) for element in elements]
        taken = set(IMPORTED)
        found: list[Register | Cluster] = []
        for each in written:
            for item in self._item(each, elements, outer, where, depth):
                name = identifier(item.name, taken)
                taken.add(name)
                found.append(replace(item, name=name))
        return tuple(sorted(found, key=lambda item: item.offset))

    def _item(
        self, written: Any, siblings: list[Any], outer: Properties, where: str, depth: int
    ) -> Iterator[Register | Cluster]:
        if not plain(written.name):
            raise self._wrong(where, "a register or cluster has no name")
        if RESERVED_NAME.match(plain(written.name)):
            return
        where = f"{where}.{plain(written.name)}"
        element = self._derive.resolved(written, siblings, self._home, where)
        if element.address_offset is None:
            raise self._wrong(where, "has no addressOffset")
        own = Properties.of(element, outer)
        is_cluster = hasattr(element, "clusters")
        item = self._cluster(element, own, where, depth) if is_cluster else self._register(element, own, where)
        for each in self._placed(element, item, where):
            self._count(where)
            self._check(each, where)
            if isinstance(each, Register) and each.width == WIDE:
                yield from halves(each)
            else:
                yield each

    def _check(self, item: Register | Cluster, where: str) -> None:
        """Refuses a register or cluster that cannot be where it is said to be."""
        if not item.offset >= 0 or end(item) > ADDRESSES:
            raise self._wrong(where, f"offset {item.offset:#x} is outside of 32 bits of address")
        size = item.size if isinstance(item, Register) else 1
        if item.count is not None and item.count > 1 and item.stride < size:
            raise self._wrong(where, f"its elements overlap, as they are {item.stride} bytes apart")
        aligned = min(widest((item,)), 4)
        if item.offset % aligned or item.stride % aligned:
            what = f"{item.width} bits" if isinstance(item, Register) else "its registers"
            raise self._wrong(where, f"{what} at offset {item.offset:#x} are not aligned")

    def _placed(self, element: Any, item: Register | Cluster, where: str) -> Iterator[Register | Cluster]:
        """An element, or the array of them, or one by one those whose labels do not count up."""
        labels = element.dim_index
        if labels is None:
            yield replace(item, name=with_label(element.name, ""))
            return
        stride = element.dim_increment
        if stride is None:
            raise self._wrong(where, "an array without dimIncrement")
        name = plain(element.name)
        first = _counted(labels)
        if first is None or (len(labels) == 1 and "[%s]" not in name):
            for number, label in enumerate(labels):
                yield replace(item, name=with_label(name, label), offset=item.offset + number * stride)
            return
        text = item.text
        if first or not name.endswith(("%s", "[%s]")):
            text = noted(text, f"The vendor's {with_label(name, labels[0])} to {with_label(name, labels[-1])}.")
        yield replace(item, name=_stem(name), count=len(labels), stride=stride, text=text)

    def _cluster(self, element: Any, own: Properties, where: str, depth: int) -> Cluster:
        inner = self.items([*element.registers, *element.clusters], own, where, depth + 1)
        name = _stem(plain(element.name))
        text = plain(element.description)
        return Cluster(name, Block(class_name(name), inner, text=text), element.address_offset, text=text)

    def _register(self, element: Any, own: Properties, where: str) -> Register:
        width = own.size or 32
        if width not in (*WIDTHS, WIDE):
            raise self._wrong(where, f"is {width} bits wide: only 8, 16, 32 and 64 can be accessed")
        whole = (1 << width) - 1
        access = _access(own.access or _common_access(element), element.modified_write_values)
        fields = self._fields(element, own, width, where)
        if access is Access.WO and any((each.access or access).readable for each in fields):
            access = Access.RW
            fields = [replace(each, access=each.access or Access.WO) for each in fields]
        # Where a read acts the text says the access as well: `access=RW | READ_ACTS`.
        fields = [
            each if each.reading_acts or each.access is not access else replace(each, access=None) for each in fields
        ]
        return Register(
            name=_stem(plain(element.name)),
            offset=element.address_offset,
            access=access,
            reading_acts=element.read_action is not None,
            width=width,
            reset=(own.reset or 0) & (whole if own.reset_mask is None else own.reset_mask) & whole,
            fields=tuple(fields),
            text=plain(element.description),
        )

    def _fields(self, register: Any, own: Properties, width: int, where: str) -> list[Field]:
        """The fields sorted by bit."""
        found: list[Field] = []
        owners: dict[int, str] = {}
        for written in map(meta, register.fields):
            name = plain(written.name)
            if not name:
                raise self._wrong(where, "a field has no name")
            if RESERVED_NAME.match(name):
                continue
            element = self._derive.resolved(written, register.fields, self._home, f"{where}.{name}")
            for each in self._field(element, register, own, f"{where}.{name}"):
                self._count(where)
                for one in each.elements():
                    bits = range(one.bit, one.bit + one.width)
                    if bits.stop > width:
                        raise self._wrong(where, f"field {one.name} lies outside of the register's {width} bits")
                    if other := next((owners[bit] for bit in bits if bit in owners), None):
                        raise self._wrong(where, f"the fields {other} and {one.name} overlap")
                    owners |= dict.fromkeys(bits, one.name)
                found.append(replace(each, name=identifier(each.name, {field.name for field in found})))
        return sorted(found, key=lambda each: each.bit)

    def _field(self, element: Any, register: Any, own: Properties, where: str) -> Iterator[Field]:
        bit, width = element.bit_offset, element.bit_width
        width = 1 if width is None and bit is not None else width
        if width == 0:
            self._warnings.append(f"{self._file_name}: {where} is left out: it is 0 bits wide")
            return
        if bit is None or not 0 <= bit < WIDE or not 0 < width <= WIDE:
            raise self._wrong(where, f"has no place: bit {bit}, width {width}")
        acting = element.modified_write_values or register.modified_write_values
        field = Field(
            with_label(element.name, ""),
            bit,
            width,
            _access(element.access or own.access, acting),
            element.read_action is not None,
            values=self._values(element, register, width, where),
            text=plain(element.description),
        )
        labels = element.dim_index
        if labels is None:
            yield field
            return
        stride, first, name = element.dim_increment, _counted(labels), plain(element.name)
        if stride is None or not 0 < stride <= WIDE or len(labels) > MOST_FIELDS:
            raise self._wrong(where, f"an array of {len(labels)} fields, {stride} bits apart")
        if first is None or first >= MOST_FIELDS or not name.endswith("%s") or len(labels) == 1 or stride < width:
            for number, label in enumerate(labels):
                yield replace(field, name=with_label(name, label), bit=bit + number * stride)
        else:
            yield replace(field, name=_stem(name), count=len(labels), stride=stride, first=first)

    def _values(self, field: Any, register: Any, width: int, where: str) -> Values | None:
        members: dict[str, int] = {}
        texts: list[str] = []
        for values in field.enumerated_values or ():
            source = values
            if values.derived_from:
                source = self._derive.values(values.derived_from, register, self._home, where)
            for each in source.enumerated_values:
                if each.value is None or not plain(each.name) or not 0 <= each.value < 1 << width:
                    continue
                name = identifier(plain(each.name))
                if members.get(name, each.value) != each.value:
                    name = identifier(f"{name}_{each.value}", members)
                if name not in members:
                    members[name] = each.value
                    texts.append(plain(each.description))
        name = class_name(_stem(plain(field.name)))
        return Values(name, tuple(members.items()), tuple(texts)) if members else None

    def _count(self, where: str) -> None:
        self._items += 1
        if self._items > MOST_ITEMS:
            raise self._wrong(where, f"more than {MOST_ITEMS} registers and fields in one peripheral")

    def _wrong(self, where: str, what: str) -> UsageError:
        return UsageError(f"{self._file_name}: {where}: {what}", fix="correct the file, or patch it with --patch")


def plain(text: str | None) -> str:
    """A vendor's text on one line, without what cannot be printed."""
    return "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable())


def noted(text: str, note: str) -> str:
    """A description with a line of Corten's own under it."""
    return f"{text}\n{note}" if note else text


def with_label(name: str, label: str) -> str:
    """The name of an array's element: `CH[%s]` -> CH3."""
    return plain(name).replace("[%s]", label).replace("%s", label)


def _stem(name: str) -> str:
    """The name of an array."""
    return with_label(name, "").rstrip("_") or with_label(name, "")


def _counted(labels: list[str]) -> int | None:
    """The first of labels that count up by one, None where they do not."""
    numbers = [int(label) for label in labels if label.isascii() and label.isdigit() and str(int(label)) == label]
    counts = len(numbers) == len(labels) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return numbers[0] if counts else None


def widest(items: tuple[Register | Cluster, ...]) -> int:
    """Bytes of the widest register: what an address has to be a multiple of."""
    sizes = (item.size if isinstance(item, Register) else widest(item.block.items) for item in items)
    return max(sizes, default=1)


def end(item: Register | Cluster) -> int:
    """The first offset behind an item and all that is in it."""
    if isinstance(item, Register):
        return item.end
    inner = max((end(each) for each in item.block.items), default=1)
    return item.offset + ((item.count or 1) - 1) * item.stride + inner


def _access(access: SVDAccessType | None, acting: SVDModifiedWriteValuesType | None) -> Access:
    """What a write does counts only where there is one and what it changes can be read."""
    known = _ACCESS.get(access, Access.RW) if access else Access.RW
    return _ACTING.get(acting, known) if acting and known is Access.RW else known


def _common_access(register: Any) -> SVDAccessType | None:
    """Of a register that does not say: that of its fields, where all have one."""
    kinds = {meta(field).access for field in register.fields}
    return kinds.pop() if len(kinds) == 1 else None
