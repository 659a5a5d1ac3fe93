"""The calls in a block's class that define its registers, read from their syntax and checked as the device does."""

import ast
from dataclasses import dataclass, replace

from host_tools.errors import UsageError
from host_tools.registers.expressions import (
    READ_ACTS,
    Scope,
    Symbol,
    UnreadableError,
    evaluate,
    in_register,
    integer,
)
from host_tools.registers.model import Access, Block, Cluster, Field, Register, Values

_REG = ("offset", "access", "width", "reset")
_FIELD = ("bit", "width", "access", "values", "count", "stride", "first")
_ARRAY = ("item", "count", "stride")
_CLUSTER = ("block", "offset")

_WIDTHS = (8, 16, 32)
_LARGEST_FIRST = 31


def mistake(path: str, line: int, what: str, message: str, fix: str) -> UsageError:
    """The error for a definition that makes no sense."""
    return UsageError(f"{path}:{line}: {what}: {message}", fix)


def unit(block: Block) -> int:
    """Bytes that the block's base must be aligned to: the size of its widest register."""
    return max((item.size if isinstance(item, Register) else unit(item.block) for item in block.items), default=1)


def extent(block: Block) -> int:
    """Bytes that the block takes up: its size, or the end of its last register."""
    return block.size if block.size is not None else max(map(end_of, block.items), default=0)


def end_of(item: Register | Cluster) -> int:
    """The first offset behind a register or cluster."""
    if isinstance(item, Register):
        return item.end
    return item.offset + ((item.count or 1) - 1) * item.stride + extent(item.block)


@dataclass(frozen=True)
class Definitions:
    """Reads the definitions in one class. `path` and `block` are for messages, `scope` says what names mean there."""

    path: str
    block: str
    scope: Scope

    def item(self, name: str, node: ast.expr) -> Register | Cluster | None:
        """What `NAME = …` in the class defines, None if it is no register.

        UsageError for a definition that makes no sense, UnreadableError for one that is made at run time.
        """
        if not isinstance(node, ast.Call):
            return None
        match evaluate(node.func, self.scope):
            case Symbol(path="corten.register.Reg"):
                return self._register(name, node)
            case Symbol(path="corten.register.Cluster"):
                return self._cluster(name, node)
            case Symbol(path="corten.register.Array"):
                return self._array(name, node)
        evaluate(node, self.scope)
        return None

    def _register(self, name: str, call: ast.Call) -> Register:
        given, others = self._arguments(name, call, _REG, ("offset",))
        width = self._integer(given, "width", 32)
        offset = self._integer(given, "offset", 0)
        reset = self._integer(given, "reset", 0)
        access, reading_acts = self._access(name, given.get("access"))
        if width not in _WIDTHS:
            raise self._mistake(call, name, f"a register of {width} bits", "a register is 8, 16 or 32 bits wide")
        if offset < 0 or offset % (width // 8):
            fix = f"give an offset that is a multiple of {width // 8}, or another width"
            raise self._mistake(call, name, f"a register of {width} bits cannot be at offset {offset:#x}", fix)
        if not 0 <= reset < 1 << width:
            fix = "correct the value or the width"
            raise self._mistake(call, name, f"the reset value {reset:#x} does not fit into {width} bits", fix)
        fields = tuple(self._field(f"{name}.{label}", label, value, width) for label, value in others.items())
        self._check_fields(name, call, fields)
        return Register(name, offset, access or Access.RW, reading_acts, width, reset, fields)

    def _field(self, what: str, name: str, node: ast.expr, register_width: int) -> Field:
        if not isinstance(node, ast.Call) or evaluate(node.func, self.scope) != in_register("Field"):
            raise UnreadableError(node.lineno, f"{ast.unparse(node)} is no Field(…)")
        given, others = self._arguments(what, node, _FIELD, ("bit",))
        if others:
            fix = f"Field takes {', '.join(_FIELD)}"
            raise self._mistake(node, what, f"a field has no {next(iter(others))}", fix)
        bit, width = self._integer(given, "bit", 0), self._integer(given, "width", 1)
        count, first = self._integer(given, "count", 1), self._integer(given, "first", 0)
        stride = self._integer(given, "stride", width if count > 1 else 0)
        if bit < 0 or width < 1:
            raise self._mistake(node, what, f"no bits: bit {bit}, width {width}", "give bit >= 0 and width >= 1")
        if count < 1 or (count > 1 and stride < width) or not 0 <= first <= _LARGEST_FIRST:
            fix = f"give count >= 1, stride >= width, and first from 0 to {_LARGEST_FIRST}"
            raise self._mistake(node, what, f"no fields: count {count}, stride {stride}, first {first}", fix)
        end = bit + (count - 1) * stride + width
        if end > register_width:
            fix = f"the register has the bits 0 to {register_width - 1}"
            raise self._mistake(node, what, f"bit {end - 1} is outside its register", fix)
        access, reading_acts = self._access(what, given.get("access"))
        return Field(name, bit, width, access, reading_acts, count, stride, first, self._values(given.get("values")))

    def _cluster(self, name: str, call: ast.Call) -> Cluster:
        given, others = self._arguments(name, call, _CLUSTER, _CLUSTER)
        if others:
            raise self._mistake(call, name, f"a cluster has no {next(iter(others))}", "Cluster takes block and offset")
        block = evaluate(given["block"], self.scope)
        if not isinstance(block, Block):
            raise UnreadableError(call.lineno, f"{ast.unparse(given['block'])} is no block that can be read")
        offset = self._integer(given, "offset", 0)
        if offset < 0 or offset % unit(block):
            fix = f"{block.name} has registers of {unit(block) * 8} bits: give a multiple of {unit(block)}"
            raise self._mistake(call, name, f"{block.name} cannot be at offset {offset:#x}", fix)
        return Cluster(name, block, offset)

    def _array(self, name: str, call: ast.Call) -> Register | Cluster:
        given, others = self._arguments(name, call, _ARRAY, _ARRAY)
        element = self.item(name, given["item"])
        if others or element is None or element.count is not None:
            fix = "write Array(Reg(…), count=…, stride=…) or Array(Cluster(…), count=…, stride=…)"
            raise self._mistake(call, name, "an array of what is no register and no cluster", fix)
        count, stride = self._integer(given, "count", 0), self._integer(given, "stride", 0)
        size = element.size if isinstance(element, Register) else unit(element.block)
        if count < 1 or stride < size or stride % size:
            fix = f"give count >= 1 and a stride, in bytes, that is a multiple of {size}"
            raise self._mistake(call, name, f"no array: count {count}, stride {stride}", fix)
        return replace(element, count=count, stride=stride)

    def _arguments(
        self, what: str, call: ast.Call, names: tuple[str, ...], needed: tuple[str, ...]
    ) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
        """The arguments of a call by the names of its parameters, and the keywords that are none of these."""
        if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
            raise UnreadableError(call.lineno, f"{ast.unparse(call)} takes its arguments at run time")
        if len(call.args) > len(names):
            raise self._mistake(call, what, "too many arguments", f"the parameters are {', '.join(names)}")
        given = dict(zip(names, call.args, strict=False))
        others: dict[str, ast.expr] = {}
        for keyword in call.keywords:
            assert keyword.arg is not None
            if keyword.arg in given or keyword.arg in others:
                raise self._mistake(call, what, f"{keyword.arg} is given twice", "remove one of them")
            (given if keyword.arg in names else others)[keyword.arg] = keyword.value
        missing = [name for name in needed if name not in given]
        if missing:
            raise self._mistake(call, what, f"no {missing[0]}", f"the parameters are {', '.join(names)}")
        return given, others

    def _integer(self, given: dict[str, ast.expr], name: str, default: int) -> int:
        node = given.get(name)
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return default
        return integer(node, self.scope)

    def _access(self, what: str, node: ast.expr | None) -> tuple[Access | None, bool]:
        if node is None or (isinstance(node, ast.Constant) and node.value is None):
            return None, False
        names = evaluate(node, self.scope)
        kinds = names - {READ_ACTS} if isinstance(names, frozenset) else ()
        if not isinstance(names, frozenset) or len(kinds) != 1:
            fix = f"give one of {', '.join(Access.__members__)} by its name, with | {READ_ACTS} where a read acts"
            raise self._mistake(node, what, f"{ast.unparse(node)} is no access", fix)
        return Access[next(iter(kinds))], READ_ACTS in names

    def _values(self, node: ast.expr | None) -> Values | None:
        """The class that names a field's values. One that cannot be read is left out: it is for readers only."""
        if node is None:
            return None
        try:
            values = evaluate(node, self.scope)
        except UnreadableError:
            return None
        return values if isinstance(values, Values) else None

    def _check_fields(self, name: str, call: ast.Call, fields: tuple[Field, ...]) -> None:
        taken: dict[int, str] = {}
        names: set[str] = set()
        for field in fields:
            for element in field.elements():
                if element.name in names:
                    raise self._mistake(call, f"{name}.{element.name}", "is there twice", "rename one of them")
                names.add(element.name)
                bits = range(element.bit, element.bit + element.width)
                other = next((taken[bit] for bit in bits if bit in taken), None)
                if other is not None:
                    fix = "correct the bit or the width of one of them"
                    raise self._mistake(call, f"{name}.{element.name}", f"overlaps {other}", fix)
                taken.update(dict.fromkeys(bits, element.name))

    def _mistake(self, node: ast.expr, what: str, message: str, fix: str) -> UsageError:
        return mistake(self.path, node.lineno, f"{self.block}.{what}", message, fix)
