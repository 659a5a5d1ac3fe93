"""The pointers and large constants of a function, set up once at its start.

The viper emitter folds constants, and makes a heap integer of one that is no small integer (2**30 and more); so large
ones are put together at run time. A load or store with a constant index is one instruction if the index is below 32.
"""

import ast
from dataclasses import dataclass, field

_SMALL = 1 << 30
_WORD = 1 << 32
_REACH = 32  # elements


def is_small(value: int) -> bool:
    """Whether a number, taken as 32 bits, can be a small integer in the source."""
    return -_SMALL < signed(value) < _SMALL


def signed(value: int) -> int:
    """The signed number of the same 32 bits."""
    value %= _WORD
    return value - _WORD if value >= _WORD // 2 else value


@dataclass
class _Access:
    element: ast.Subscript
    width: int
    address: int
    source: str  # an expression for an address that only the chip knows, or a buffer; `address` counts from there
    index: ast.expr | None  # elements to add, where they are known on the chip only


@dataclass
class Pointers:
    """Collects what a function accesses; afterwards `setup` are the statements that make the pointers.

    `taken`: names that the function uses. `made`: those that are given out here, all for integers and pointers.
    """

    taken: set[str]
    _accesses: list[_Access] = field(default_factory=list)
    _constants: dict[int, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def element(self, width: int, address: int, source: str = "", index: ast.expr | None = None) -> ast.Subscript:
        """The expression for what is at an address; a new one for each access, complete after `setup`."""
        made = ast.Subscript(ast.Name("", ast.Load()), ast.Constant(0), ast.Load())
        self._accesses.append(_Access(made, width, address, source, index))
        return made

    def number(self, value: int) -> ast.expr:
        """The expression for a constant of 32 bits."""
        if is_small(value):
            return ast.parse(str(signed(value)), mode="eval").body
        value %= _WORD
        if value not in self._constants:
            self._constants[value] = self.name("_k")
        return ast.Name(self._constants[value], ast.Load())

    def setup(self) -> list[ast.stmt]:
        """The statements that make the pointers and constants, and fill in the expressions that were given out."""
        lines = []
        for (_, width, source), window in self._windows():
            name = self.name("_p")
            start = window[0].address
            lines += _pointer(name, width, start, source)
            for access in window:
                access.element.value = ast.Name(name, ast.Load())
                access.element.slice = _index((access.address - start) // (width // 8), access.index)
        for value, name in self._constants.items():
            lines += [f"{name} = {value >> 16}", f"{name} = {name} << 16 | {value & 0xFFFF}"]
        return [statement for line in lines for statement in ast.parse(line).body]

    def _windows(self) -> list[tuple[tuple[int, int, str], list[_Access]]]:
        """The accesses by the pointer that they share, in the order of their first use."""
        groups: dict[tuple[int, str, bool], list[_Access]] = {}
        for access in self._accesses:
            groups.setdefault((access.width, access.source, access.index is not None), []).append(access)
        windows = []
        for (width, source, dynamic), accesses in groups.items():
            reach = 1 if dynamic else _REACH * (width // 8)
            current: list[_Access] = []
            for access in sorted(accesses, key=lambda each: each.address):
                if current and access.address - current[0].address >= reach:
                    windows.append((width, source, current))
                    current = []
                current.append(access)
            windows.append((width, source, current))
        order = {id(access): number for number, access in enumerate(self._accesses)}
        keyed = [
            ((min(order[id(each)] for each in window), width, source), window) for width, source, window in windows
        ]
        return sorted(keyed, key=lambda each: each[0])

    def name(self, prefix: str) -> str:
        """A name that the function does not use yet."""
        number = 0
        while (name := f"{prefix}{number}") in self.taken:
            number += 1
        self.taken.add(name)
        self.made.add(name)
        return name


def _pointer(name: str, width: int, start: int, source: str) -> list[str]:
    if source:
        offset = f" + {start}" if start else ""
        return [f"{name} = ptr{width}({source}{offset})"]
    if is_small(start):
        return [f"{name} = ptr{width}({signed(start)})"]
    rest = f" | {start & 3}" if start & 3 else ""
    return [f"{name} = ptr{width}({start >> 2})", f"{name} = ptr{width}(int({name}) << 2{rest})"]


def _index(constant: int, dynamic: ast.expr | None) -> ast.expr:
    if dynamic is None:
        return ast.Constant(constant)
    return ast.BinOp(dynamic, ast.Add(), ast.Constant(constant)) if constant else dynamic
