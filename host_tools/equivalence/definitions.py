"""Random blocks of registers, as the host's model and as the text of a firmware module."""

from dataclasses import dataclass, replace

from host_tools.equivalence.chooser import Chooser
from host_tools.equivalence.layouts import ALIASES, LAYOUTS, Layout, Row
from host_tools.registers.model import Access, Block, Cluster, Field, Register

_ACCESSES = (Access.RW,) * 5 + tuple(Access)
_FIELD_ACCESSES = (None,) * 6 + tuple(Access)
_WIDTHS = (32, 32, 32, 16, 8)
_FIELD_WIDTHS = (1, 1, 1, 2, 3, 4, 8, 5, 16, 31, 32)
_ARRAY_WIDTHS = (1, 1, 2, 4)
_WORD = 32
_MOST_REGISTERS = 5
_MOST_FIELDS = 5
_WIDEST_RESET = 0xFFFF_FFFF


@dataclass(frozen=True)
class Definition:
    """A block at a place on the board. `part`: the block of its clusters, where it has some."""

    layout: Layout
    block: Block
    part: Block | None

    @property
    def text(self) -> str:
        """The classes, as a firmware module has them."""
        classes = [_class(self.part)] if self.part else []
        return "\n\n".join([*classes, _class(self.block)])

    @property
    def words(self) -> list[int]:
        """The addresses of its words that store what is written."""
        return [self.layout.base + offset for offset in self.layout.kept]


def definition(choose: Chooser) -> Definition:
    """A block with one to five registers, and maybe an array of them and an array of clusters."""
    layout = choose.one(LAYOUTS)
    offsets = [*layout.kept, *layout.dead]
    items: list[Register | Cluster] = []
    for number in range(choose.number(1, _MOST_REGISTERS)):
        kept = [each for each in offsets if each in layout.kept]
        offset = choose.one(kept if kept and choose.chance(80) else offsets)
        offsets.remove(offset)
        items.append(_register(choose, f"R{number}", offset))
    if choose.chance(50):
        items.append(_array(choose, choose.one(layout.rows)))
    part = None
    if layout.parts and choose.chance(40):
        part = Block("Part", tuple(_register(choose, f"P{at}", offset) for at, offset in enumerate(layout.inside)))
        row = choose.one(layout.parts)
        items.append(Cluster("C", part, row.offset, row.count if row.count > 1 else None, row.stride))
    block = Block("Regs", tuple(items))
    if layout.atomics and choose.chance(60):
        block = replace(block, atomic=choose.one(layout.atomics))
    return Definition(layout, _with_twins(choose, block), part)


def _with_twins(choose: Chooser, block: Block) -> Block:
    """The block, maybe with one register for which others set and clear bits."""
    plain = [each for each in block.registers if each.count is None]
    if block.atomic == ALIASES or len(plain) < 2 or not choose.chance(40):  # noqa: PLR2004 - a pair
        return block
    first, *others = plain
    if len(others) == 1 or choose.chance(50):
        twins = [replace(others[-1], access=Access.WO, width=_WORD, fields=(), reset=0)]
        made = replace(block, set_reset=((first.name, twins[0].name),))
    else:
        twins = [replace(each, access=Access.WO, width=first.width, fields=(), reset=0) for each in others]
        sets, clears, *more = [each.name for each in twins]
        toggles = choose.one((None, *more))
        made = replace(block, set_clear=((first.name, (sets, clears, toggles)),))
    by_name = {each.name: each for each in twins}
    return replace(made, items=tuple(by_name.get(each.name, each) for each in block.items))


def _array(choose: Chooser, row: Row) -> Register:
    widths = [width for width in (32, 16, 8) if row.stride % (width // 8) == 0 and row.offset % (width // 8) == 0]
    made = _register(choose, "A", row.offset, choose.one(widths))
    return replace(made, count=row.count, stride=row.stride)


def _register(choose: Chooser, name: str, offset: int, width: int = 0) -> Register:
    width = width or choose.one(_WIDTHS)
    access = choose.one(_ACCESSES)
    reset = choose.one((0, 1, 0xABFF_FFFF, _WIDEST_RESET, 0x8000_0000)) & (1 << width) - 1
    return Register(name, offset, access, choose.chance(10), width, reset, _fields(choose, width))


def _fields(choose: Chooser, width: int) -> tuple[Field, ...]:
    found: list[Field] = []
    bit = 0
    for number in range(choose.number(0, _MOST_FIELDS)):
        bit += choose.one((0, 0, 1, 3))
        access = choose.one(_FIELD_ACCESSES)
        if choose.chance(25):
            wide = choose.one(_ARRAY_WIDTHS)
            stride = wide + choose.one((0, 0, 1))
            count = min(choose.number(2, 16), (width - bit - wide) // stride + 1)
            made = Field(f"G{number}_", bit, wide, access, False, count, stride, choose.one((0, 0, 1, 8)))
            end = bit + (count - 1) * stride + wide
        else:
            count = 2
            made = Field(f"F{number}", bit, min(choose.one(_FIELD_WIDTHS), max(width - bit, 1)), access)
            end = bit + made.width
        if count < 2 or end > width:  # noqa: PLR2004 - no array, or no room
            break
        found.append(made)
        bit = end
    return tuple(found)


def _class(block: Block) -> str:
    lines = [f"class {block.name}(Block):"]
    if block.atomic:
        lines.append(f"    ATOMIC = {block.atomic}")
    if block.set_reset:
        lines.append(f"    SET_RESET = {dict(block.set_reset)!r}")
    if block.set_clear:
        lines.append(f"    SET_CLEAR = {dict(block.set_clear)!r}")
    return "\n".join([*lines, *(f"    {item.name} = {_item(item)}" for item in block.items)]) + "\n"


def _item(item: Register | Cluster) -> str:
    if isinstance(item, Cluster):
        made = f"Cluster({item.block.name}, {item.offset:#x})"
    else:
        access = item.access.name + (" | READ_ACTS" if item.reading_acts else "")
        words = [f"{item.offset:#x}", access, f"width={item.width}", f"reset={item.reset:#x}"]
        made = f"Reg({', '.join([*words, *map(_field, item.fields)])})"
    return made if item.count is None else f"Array({made}, {item.count}, {item.stride})"


def _field(field: Field) -> str:
    words = [f"{field.bit}", f"{field.width}"]
    if field.access:
        words.append(field.access.name)
    if field.count > 1:
        words.append(f"count={field.count}, stride={field.stride}, first={field.first}")
    return f"{field.name}=Field({', '.join(words)})"
