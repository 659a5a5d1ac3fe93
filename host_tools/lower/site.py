"""One access in its surroundings: its values, its address, and the names that lowered code needs for them."""

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from host_tools.lower import spelling
from host_tools.lower.edits import Edits
from host_tools.lower.meanings import Index, Place
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.ranges import Range, range_of
from host_tools.lower.resolve import Scope
from host_tools.registers.model import Register

_LONGEST_TABLE = 32
_OF_A_FIELD = "bit"


class Names:
    """Names for what lowered code brings into a module, none of which the module has itself."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        """`nodes`: of the module."""
        self._taken = set(_identifiers(nodes))
        self.memories: dict[str, str] = {}  # of `machine` -> as the module calls them

    def memory(self, width: int) -> str:
        """`_mem32`; the module imports it."""
        found = f"mem{width}"
        return self.memories.setdefault(found, self.free(f"_{found}"))

    def free(self, wanted: str) -> str:
        """The name, or one like it that the module does not use."""
        while wanted in self._taken:
            wanted += "_"
        return wanted


def _identifiers(nodes: Iterable[ast.AST]) -> Iterable[str]:
    for node in nodes:
        for name in ("id", "attr", "arg", "name", "asname"):
            if isinstance(found := getattr(node, name, None), str):
                yield found
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names


@dataclass(frozen=True)
class Wanted:
    """A value that an access is given, for what `label` names: 0 to `largest`. `keyword`: its name, if it has one."""

    node: ast.expr
    largest: int
    label: str
    keyword: str | None = None


@dataclass(frozen=True)
class Operand:
    """How a value is written: `text`, once or more often. `check`: an expression that is true when it does not fit."""

    text: str
    constant: int | None
    check: str | None
    is_simple: bool
    keyword: str | None


@dataclass(frozen=True)
class Checked:
    """An index. `name`: how it is written once `test` was evaluated; `raising`: what to evaluate if that is false.

    `test` is empty where the index is always inside.
    """

    name: str
    test: str
    raising: str


@dataclass
class Site:
    """Where a call stands. `setup`: statements that go before what it is lowered to."""

    scope: Scope
    edits: Edits
    names: Names
    call: ast.Call
    is_statement: bool
    setup: list[str] = field(default_factory=list)
    _held: Counter[str] = field(default_factory=Counter)
    _index: tuple[ast.expr, str] | None = None

    @property
    def receiver(self) -> ast.expr:
        """What the method is called of."""
        assert isinstance(self.call.func, ast.Attribute)
        return self.call.func.value

    @property
    def method(self) -> str:
        """The name of the method."""
        assert isinstance(self.call.func, ast.Attribute)
        return self.call.func.attr

    def hold(self, stem: str, text: str) -> str:
        """Makes a variable of an expression ahead of the statement, and returns its name."""
        if not self.is_statement:
            raise Kept("its value is computed inside an expression")
        if self.scope.chain and self.scope.function is None:
            raise Kept("its value is computed in the body of a class")
        self._held[stem] += 1
        name = self.names.free(stem if self._held[stem] == 1 else f"{stem}{self._held[stem]}")
        self.setup.append(f"{name} = ({text})" if "\n" in text else f"{name} = {text}")
        return name

    def is_simple(self, node: ast.expr) -> bool:
        """Whether an expression can be written several times and means the same each time."""
        return isinstance(node, ast.Name) and self.scope.is_local(node.id)

    def operands(self, wanted: Sequence[Wanted]) -> list[Operand]:
        """The values of a call, in variables where needed. Kept where that cannot be, Mistaken for a wrong one."""
        for each in wanted:
            if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(each.node)):
                raise Kept("a value in it assigns a name")
        constants = [self._constant(each) for each in wanted]
        proven = [constant is not None or self._fits(each) for each, constant in zip(wanted, constants, strict=True)]
        simple = [
            constant is not None or self.is_simple(each.node) for each, constant in zip(wanted, constants, strict=True)
        ]
        must_hold = not all(proven)  # the checks go before the values' own expressions
        made = []
        for each, constant, is_proven, is_simple in zip(wanted, constants, proven, simple, strict=True):
            text = self.edits.text(each.node) if constant is None else spelling.plain(constant)
            if must_hold and not is_simple:
                text = self.hold("_v", text)
            check = None if is_proven else f"{text} >> {each.largest.bit_length()}"
            made.append(Operand(text, constant, check, is_simple or must_hold, each.keyword))
        return made

    def _constant(self, wanted: Wanted) -> int | None:
        found = self.scope.constant(wanted.node)
        if found is not None and not 0 <= found <= wanted.largest:
            width = wanted.largest.bit_length()
            raise Mistaken(f"{wanted.label} is {width} bits wide, {found} does not fit", "correct the value")
        return found

    def _fits(self, wanted: Wanted) -> bool:
        found = range_of(self.scope, wanted.node)
        return found is not None and found.fits(wanted.largest)

    def original(self, operands: Sequence[Operand]) -> str:
        """The call as the source has it, with these values: what runs when one does not fit."""
        receiver = self._spelled_receiver()
        words = [f"{each.keyword}={each.text}" if each.keyword else each.text for each in operands]
        return f"{receiver}.{self.method}({', '.join(words)})"

    def memory(self, register: Register, address: str) -> str:
        """`_mem32[0x4000_0000]`."""
        return f"{self.names.memory(register.width)}[{address}]"

    def address(self, place: Place, moved: int = 0) -> tuple[str, bool]:
        """The text of an address, `moved` bytes further, and whether it is a constant. Kept where it cannot be told."""
        if place.address is None:
            if not place.source:
                raise Kept("the block is made in the expression, at an address that only the chip knows")
            if moved:
                raise Kept("its address is known on the chip only")
            return f"{place.source}.address", False
        if place.index is None:
            return spelling.address(place.address + moved), True
        if moved:
            raise Kept("its index is known on the chip only")
        return self._chosen(place.address, place.index), False

    def _chosen(self, base: int, index: Index) -> str:
        """The address of an array's element, out of a tuple of constants: computing it would take heap."""
        if index.count > _LONGEST_TABLE:
            raise Kept(f"the index is known on the chip only, and the array has {index.count} elements")
        table = "".join(f"{spelling.address(base + number * index.stride)}, " for number in range(index.count))
        table = table if index.count == 1 else table[:-2]
        if self._is_inside(index):
            return f"({table})[{self.edits.text(index.node)}]"
        checked = self.checked(index, "address")
        return f"({table})[{checked.name}] if {checked.test} else {checked.raising}"

    def _spelled_receiver(self) -> str:
        """What the call is made on, with the variable of an index that was evaluated already."""
        return self.edits.spelled(self.receiver, *self._index) if self._index else self.edits.spelled(self.receiver)

    def checked(self, index: Index, attribute: str) -> "Checked":
        """An index that is used more than once, with the test whether it is inside.

        attribute: of what the call is made on; asking for it raises IndexError when the index is outside.
        """
        text = name = self.edits.text(index.node)
        is_inside = self._is_inside(index)
        if not self.is_simple(index.node):
            if self.is_statement:
                text = name = self.hold("_i", text)
            else:
                name, text = self._walrus(text)
                is_inside = False  # the test is where the variable is set
        self._index = index.node, name
        if is_inside:
            return Checked(name, "", "")
        raising = f"{self._spelled_receiver()}.{attribute}"
        if index.first == 0 and index.count & (index.count - 1) == 0:
            return Checked(name, f"not {text} >> {index.count.bit_length() - 1}", raising)
        if attribute == _OF_A_FIELD:  # what is no whole number would only be refused after the register was read
            raise Kept("the index is not known to be inside")
        return Checked(name, f"{index.first} <= {text} < {index.first + index.count}", raising)

    def _is_inside(self, index: Index) -> bool:
        found = range_of(self.scope, index.node)
        return found is not None and Range(found.low - index.first, found.high - index.first).fits(index.count - 1)

    def _walrus(self, text: str) -> tuple[str, str]:
        """A variable that is set inside the expression: its name, and the text that sets it."""
        if not self.scope.chain or not isinstance(self.scope.chain[-1], ast.FunctionDef | ast.AsyncFunctionDef):
            raise Kept("the index is computed inside an expression that is not in a function")
        name = self.names.free("_i")
        return name, f"({name} := {text})"
