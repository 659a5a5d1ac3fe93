"""Random accesses' left sides: a register or field of a block, as an expression that names it."""

from collections.abc import Callable
from dataclasses import dataclass

from host_tools.equivalence.chooser import Chooser
from host_tools.equivalence.definitions import Definition
from host_tools.registers.model import Access, Block, Cluster, Field, Register


@dataclass(frozen=True)
class Target:
    """A register as an expression names it; `block` has it. `is_dynamic`: which one is known on the chip only."""

    text: str
    block: Block
    register: Register
    is_dynamic: bool = False

    @property
    def changeable(self) -> bool:
        """Whether it can be read and written back."""
        return self.register.access is not Access.WO and self.register.writable

    @property
    def has_atomic_form(self) -> bool:
        """Whether `corten.atomic` has something for it."""
        twins = dict(self.block.set_reset) | dict(self.block.set_clear)
        if not self.is_dynamic and self.register.name in twins:
            return True
        is_plain = self.register.writable and not (self.register.keep_zero or self.register.keep_one)
        return is_plain and self.block.atomic is not None

    def can_get(self, field: Field) -> bool:
        """Whether a field of it can be read."""
        return Access.WO not in (self.register.access, self.register.access_of(field))

    def can_set(self, field: Field) -> bool:
        """Whether a field of it can be written, along with others or alone."""
        return self.register.writable and self.register.access_of(field).writable


class Targets:
    """Picks registers and fields. `root`: the expression for the block."""

    def __init__(self, choose: Chooser, made: Definition, root: str, index: Callable[[int, int], str | None]) -> None:
        """`index`: makes an expression for an index from a first one on, of so many; None where it must be constant."""
        self._choose = choose
        self._made = made
        self._root = root
        self._index = index
        self.aliases: list[Target] = []

    def register(self) -> Target:
        """Any register, through a local name for it where there is one."""
        choose = self._choose
        if self.aliases and choose.chance(30):
            return choose.one(self.aliases)
        item = choose.one(self._made.block.items)
        where, is_dynamic = self._element(f"{self._root}.{item.name}", item.count)
        if isinstance(item, Cluster):
            inner = choose.one(item.block.registers)
            return Target(f"{where}.{inner.name}", item.block, inner, is_dynamic)
        return Target(where, self._made.block, item, is_dynamic)

    def constant(self) -> Target | None:
        """A register whose place the source says; None if none was found."""
        found = self.register()
        return None if found.is_dynamic else found

    def such(self, wanted: Callable[[Target], bool]) -> Target | None:
        """A register of that kind; None if none was found in a few attempts."""
        return next((found for _ in range(4) if wanted(found := self.register())), None)

    def element(self, target: Target, field: Field) -> tuple[str, Field]:
        """A field, or one of an array, as an attribute of a register. An index may be out of range."""
        if field.count == 1:
            return f"{target.text}.{field.name}", field
        made = None if target.is_dynamic else self._index(field.first, field.count)
        if made is not None:
            return f"{target.text}.{field.name}[{made}]", field.element(field.first)
        one = self.one_of(field)
        if self._choose.chance(50):
            return f"{target.text}.{field.name}[{one.name.removeprefix(field.name)}]", one
        return f"{target.text}.{one.name}", one

    def one_of(self, field: Field) -> Field:
        """The field itself, or a certain one of an array."""
        return field if field.count == 1 else field.element(field.first + self._choose.number(0, field.count - 1))

    def _element(self, text: str, count: int | None) -> tuple[str, bool]:
        if count is None:
            return text, False
        made = self._index(0, count)
        if made is not None:
            return f"{text}[{made}]", True
        return f"{text}[{self._choose.number(0, count - 1)}]", False


def mistakes(target: Target, block: Block, root: str) -> list[str]:
    """Accesses that fail whenever they run, to a register and to others of its block, which `root` names."""
    name, register = target.text, target.register
    wrong = [
        f"{name}.modify(NOPE=1)",
        f"{root}.NOPE.read()",
        f"{name}.NOPE.get()",
        f"{name}.write({register.mask + 1})",
    ]
    if target.changeable:
        wrong += [f"{name}.set({register.mask + 1:#x})", f"{name}.clear(-1)"]
    if not register.readable:
        wrong.append(f"{name}.read()")
    for each in register.fields:
        one = each if each.count == 1 else each.element(each.first)
        wrong += [f"{name}.{one.name}.set({one.largest + 1})", f"{name}.write({one.name}=-1)"]
        if each.count > 1:
            wrong.append(f"{name}.{each.name}[{each.first + each.count}].get()")
    rows = [each for each in block.registers if each.count is not None]
    return [*wrong, *(f"{root}.{each.name}[{each.count}].read()" for each in rows)]
