"""Folding: what a vendor lists one by one becomes an array, as each register and field costs heap on the chip.

Fields become an array where their names differ in a number at the end that counts up, at one distance, and width and
access are equal. Registers and clusters become one where their names differ in one number, wherever it is, and all else
is equal: width, access, reset value, and fields, in whose names that number may be as well. Several families of
registers that lie in one another (CCR1, CNDTR1, CCR2, CNDTR2) become an array of clusters. Of enumerated values those
stay that all elements have; a name that differs only by the element's own number stays without it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from typing import TypeVar

from host_tools.registers.model import Block, Cluster, Field, Register, Values
from host_tools.svd.elements import noted
from host_tools.svd.names import IMPORTED, RESERVED, class_name, identifier

MOST_FIELDS = 32
FEWEST_BARE = 3
"""Registers without fields: two of a kind, such as KEY1 and KEY2, are better left as they are."""

UNNAMED = "CH"
"""A cluster whose registers' names have nothing in common: a channel."""

_NUMBER = re.compile(r"(?<!\d)(0|[1-9]\d*)(?!\d)")

Item = Register | Cluster
Element = TypeVar("Element", Field, Item)


@dataclass(frozen=True)
class _Family:
    """Items whose names differ in one number, which counts up from `first`; `stride` bytes apart."""

    prefix: str
    suffix: str
    first: int
    stride: int
    members: tuple[Item, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """What families have in common that lie in one another."""
        return self.first, self.stride, len(self.members)

    @property
    def offset(self) -> int:
        """Of the first member."""
        return self.members[0].offset

    @property
    def end(self) -> int:
        """The first offset behind the first member."""
        member = self.members[0]
        return member.end if isinstance(member, Register) else member.offset + 1

    @property
    def name(self) -> str:
        """Of the array."""
        return self.prefix.rstrip("_") + self.suffix

    @property
    def counts_from_zero(self) -> bool:
        """Whether the vendor's names are NAME0, NAME1, …"""
        return self.first == 0 and not self.suffix


def fold(block: Block) -> Block:
    """A block with all in it folded."""
    items = tuple(_inside(item) for item in block.items)
    return replace(block, items=tuple(sorted(_fold_items(items), key=lambda item: item.offset)))


def _inside(item: Item) -> Item:
    if isinstance(item, Cluster):
        return replace(item, block=fold(item.block))
    return replace(item, fields=fold_fields(item.fields))


def fold_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields of a register with arrays of those that belong together."""
    groups: dict[Hashable, list[tuple[int, Field]]] = defaultdict(list)
    for each in fields:
        found = re.fullmatch(r"(.*?)(0|[1-9]\d*)", each.name)
        if found and found[1] and each.count == 1:
            groups[found[1], each.width, each.access, each.reading_acts].append((int(found[2]), each))
    names = {each.name for each in fields}
    gone: dict[str, Field | None] = {}
    for members in groups.values():
        for run in _runs(members, lambda each: each.bit):
            (first, one), *_ = run
            name = one.name.removesuffix(str(first))
            stride = run[1][1].bit - one.bit
            if name in names or name in RESERVED or first >= MOST_FIELDS or not one.width <= stride < MOST_FIELDS:
                continue
            names.add(name)
            values, note = merged([(index, each.values) for index, each in run])
            values = values and replace(values, name=class_name(name))
            text = noted(one.text, note)
            gone |= {each.name: None for _, each in run}
            gone[one.name] = replace(
                one, name=name, count=len(run), stride=stride, first=first, values=values, text=text
            )
    return tuple(kept for each in fields if (kept := gone.get(each.name, each)) is not None)


def merged(elements: Sequence[tuple[int, Values | None]]) -> tuple[Values | None, str]:
    """The values that all elements share, each given with its number, and a note on those that they do not."""
    first = elements[0][1]
    if all(each == first for _, each in elements):
        return first, ""
    spelled: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for index, values in elements:
        for (name, value), text in zip(values.members, values.text, strict=True) if values else ():
            spelled[value].append((index, name, text))
    kept: dict[str, int] = {}
    texts: list[str] = []
    differing: list[int] = []
    for value, names in sorted(spelled.items()):
        literal = {name for _, name, _ in names}
        general = {_without(name, index) for index, name, _ in names}
        common = literal if len(literal) == 1 else general
        if len(names) == len(elements) and len(common) == 1:
            kept[identifier(common.pop(), kept)] = value
            texts.append(names[0][2])
        else:
            differing.append(value)
    note = f"Values that differ between the elements are left out: {', '.join(map(str, differing))}."
    name = next(values.name for _, values in elements if values)
    return (Values(name, tuple(kept.items()), tuple(texts)) if kept else None), note if differing else ""


def _without(name: str, index: int) -> str:
    """A name without the element's own number, where it first has it."""
    return re.sub(rf"_?(?<!\d){index}(?!\d)", "", name, count=1)


def _runs(members: list[tuple[int, Element]], place: Callable[[Element], int]) -> Iterator[list[tuple[int, Element]]]:
    """The longest runs of two or more whose number counts up by one and whose place by one distance."""
    run: list[tuple[int, Element]] = []
    for index, each in sorted(members, key=lambda member: member[0]):
        if run:
            distance = place(each) - place(run[-1][1])
            wanted = place(run[1][1]) - place(run[0][1]) if len(run) > 1 else distance
            if index != run[-1][0] + 1 or distance != wanted or distance <= 0:
                if len(run) > 1:
                    yield run
                run = []
        run.append((index, each))
    if len(run) > 1:
        yield run


def _fold_items(items: tuple[Item, ...]) -> list[Item]:
    chosen: list[_Family] = []
    used: set[str] = set()
    for family in sorted(_families(items), key=lambda family: (-len(family.members), family.offset)):
        names = {member.name for member in family.members}
        if not names & used:
            used |= names
            chosen.append(family)
    result = [item for item in items if item.name not in used]
    taken = {*IMPORTED, *(item.name for item in result)}
    for families in _interleaved(chosen):
        folded = _array(families[0]) if len(families) == 1 else _cluster(families)
        name = identifier(folded.name, taken)
        taken.add(name)
        result.append(replace(folded, name=name))
    return result


def _families(items: tuple[Item, ...]) -> Iterator[_Family]:
    groups: dict[Hashable, list[tuple[int, Item]]] = defaultdict(list)
    for item in items:
        for found in _NUMBER.finditer(item.name) if item.count is None else ():
            prefix, suffix = item.name[: found.start()], item.name[found.end() :]
            if prefix.strip("_"):
                index = int(found[1])
                for shape in dict.fromkeys((_shape(item), _shape(item, _numberless(item, index)))):
                    groups[prefix, suffix, shape].append((index, item))
    for (prefix, suffix, _), members in groups.items():  # type: ignore[misc]  # the keys are what is put in above
        for run in _runs(members, lambda item: item.offset):
            first, stride = run[0][0], run[1][1].offset - run[0][1].offset
            family = _Family(prefix, suffix, first, stride, tuple(item for _, item in run))
            bare = isinstance(run[0][1], Register) and not run[0][1].fields
            if stride >= family.end - family.offset and len(run) >= (FEWEST_BARE if bare else 2):
                yield family


def _shape(item: Item, fields: tuple[Field, ...] | None = None) -> Hashable:
    """What has to be equal in an array; `fields` in place of a register's own."""
    if isinstance(item, Cluster):
        return replace(item.block, name="")
    bare = tuple(replace(each, values=None) for each in (item.fields if fields is None else fields))
    return item.width, item.access, item.reading_acts, item.reset, bare


def _numberless(item: Item, index: int) -> tuple[Field, ...]:
    """A register's fields, their names without its own number, where they still differ then."""
    if isinstance(item, Cluster):
        return ()
    names = [identifier(_without(field.name, index)) for field in item.fields]
    if len(set(names)) < len(names):
        return item.fields
    return tuple(replace(field, name=name) for field, name in zip(item.fields, names, strict=True))


def _interleaved(families: list[_Family]) -> Iterator[list[_Family]]:
    """The families that lie in one another together, and the others one by one."""
    shapes: dict[Hashable, list[_Family]] = defaultdict(list)
    for family in sorted(families, key=lambda family: family.offset):
        shapes[family.shape].append(family)
    for alike in shapes.values():
        together: list[_Family] = []
        for family in alike:
            if together and family.end - together[0].offset > family.stride:
                yield together
                together = []
            together.append(family)
        yield together


def _array(family: _Family) -> Item:
    first, last = family.members[0], family.members[-1]
    one = _common(family) if isinstance(first, Register) else first
    text = one.text if family.counts_from_zero else noted(one.text, f"The vendor's {first.name} to {last.name}.")
    return replace(one, name=family.name, count=len(family.members), stride=family.stride, text=text)


def _common(family: _Family) -> Register:
    """The first register, with the values that all of them have."""
    registers = [member for member in family.members if isinstance(member, Register)]
    one = registers[0]
    if {_shape(each) for each in registers} != {_shape(one)}:
        one = replace(one, fields=_numberless(one, family.first))
    fields = []
    for number, field in enumerate(one.fields):
        of_each = [(family.first + place, each.fields[number].values) for place, each in enumerate(registers)]
        values, note = merged(of_each)
        fields.append(replace(field, values=values, text=noted(field.text, note)))
    return replace(one, fields=tuple(fields))


def _cluster(families: list[_Family]) -> Cluster:
    """Families that lie in one another: `CCR1, CNDTR1, CCR2, CNDTR2` -> CH[0].CCR, CH[0].CNDTR, …"""
    one = families[0]
    prefixes = {family.prefix for family in families}
    common = prefixes.pop().rstrip("_") if len(prefixes) == 1 else ""
    items: list[Item] = []
    taken = set(IMPORTED)
    for family in families:
        short = (family.suffix if common else family.name).strip("_") or family.prefix
        member = _common(family) if isinstance(family.members[0], Register) else family.members[0]
        name = identifier(short, taken)
        taken.add(name)
        items.append(replace(member, name=name, offset=family.offset - one.offset))
    alike = commonprefix([family.name for family in families]).rstrip("_")  # noqa: RUF071 - letters are meant
    name = common or (alike if len(alike) > 1 else UNNAMED)
    vendors = ", ".join(family.members[0].name for family in families)
    inner = sorted(_fold_items(tuple(items)), key=lambda item: item.offset)
    text = f"The vendor's {vendors} and so on, to {families[-1].members[-1].name}."
    return Cluster(name, Block(class_name(name), tuple(inner)), one.offset, len(one.members), one.stride, text)
