"""The types that the viper emitter gives to the names and expressions of a function, and what it cannot compile.

Source: MicroPython's py/emitnative.c: a local has the type of its first assignment; of two integers, the left one
decides what an operation gives.
"""

import ast
from collections.abc import Callable, Iterator

from host_tools.errors import UsageError

WORD_BITS = 32
SIGN = 1 << 31
INT, UINT, BOOL, OBJECT = "int", "uint", "bool", "object"
NUMBERS = (INT, UINT, BOOL)
_CASTS = {"int": INT, "uint": UINT, "bool": BOOL, "ptr": "ptr", "ptr8": "ptr8", "ptr16": "ptr16", "ptr32": "ptr32"}

_CANNOT: dict[type[ast.AST], tuple[str, str]] = {
    ast.Yield: ("yield", "leave @hot away, and keep what is hot in a function that it calls"),
    ast.YieldFrom: ("yield from", "leave @hot away, and keep what is hot in a function that it calls"),
    ast.Await: ("await", "leave @hot away, and keep what is hot in a function that it calls"),
    ast.AsyncFor: ("async for", "leave @hot away"),
    ast.AsyncWith: ("async with", "leave @hot away"),
    ast.FunctionDef: ("a function inside", "move it to the module's level"),
    ast.AsyncFunctionDef: ("a function inside", "move it to the module's level"),
    ast.ClassDef: ("a class inside", "move it to the module's level"),
    ast.Lambda: ("lambda", "use a function at the module's level"),
    ast.ListComp: ("a comprehension", "use a for loop"),
    ast.SetComp: ("a comprehension", "use a for loop"),
    ast.DictComp: ("a comprehension", "use a for loop"),
    ast.GeneratorExp: ("a generator expression", "use a for loop"),
    ast.Nonlocal: ("nonlocal", "use a global name or a parameter"),
    ast.NamedExpr: (":=", "assign in a statement of its own"),
    ast.Match: ("match", "use if and elif"),
}

_Reads = Callable[[ast.Call | ast.Attribute], "str | None"]
_Constants = Callable[[ast.expr], "int | None"]


def check(node: ast.FunctionDef, path: str) -> None:
    """Raise UsageError, with the line, for what the viper emitter cannot compile."""
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults or arguments.posonlyargs:
        raise _refused(path, node, "a default value, * or / among the parameters", "use plain parameters")
    for inner in _inside(node):
        if found := _CANNOT.get(type(inner)):
            raise _refused(path, inner, *found)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, float | complex):
            raise _refused(path, inner, "a floating-point number", "use integers, or leave @hot away")


def _inside(node: ast.FunctionDef) -> Iterator[ast.AST]:
    for statement in node.body:
        yield from ast.walk(statement)


def _refused(path: str, node: ast.AST, what: str, instead: str) -> UsageError:
    return UsageError(f"{path}:{getattr(node, 'lineno', 0)}: @hot: viper cannot compile {what}", instead)


class Types:
    """The types of a function's locals and of its expressions."""

    def __init__(
        self, node: ast.FunctionDef, reads: _Reads, constant: _Constants, words: frozenset[str] = frozenset()
    ) -> None:
        """Reads the whole function. `reads`: the type that a register's access gives. `constant`: what is a number.

        `words`: names whose attribute `value` is a shared word.
        """
        self._reads = reads
        self._words = words
        self._constant = constant
        self.names: dict[str, str] = {}
        self.mixed: tuple[str, ast.expr] | None = None  # a name that holds an integer and this, which may be none
        for parameter in node.args.args:
            self.names[parameter.arg] = annotated(parameter.annotation) or OBJECT
        self._parameters = set(self.names)
        self._counters: set[str] = set()  # names that a loop counts
        self._assigned = set(self.names)  # names that may be negative
        for statement in node.body:
            self._note_all(statement)

    def _note_all(self, node: ast.AST) -> None:
        self._note(node)
        for child in ast.iter_child_nodes(node):
            self._note_all(child)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=limits)):
                self.names.setdefault(name, INT)
                self._count(name, limits)
            case ast.Assign(targets=targets, value=value):
                kind = self.of(value)
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._bind(target.id, kind, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._bind(name, self.of(value), value)
            case ast.AugAssign(target=ast.Name(id=name)):
                self._assigned.add(name)

    def _bind(self, name: str, kind: str, value: ast.expr) -> None:
        self._assigned.add(name)
        known = self.names.setdefault(name, kind)
        if known in (INT, UINT) and kind == OBJECT and self.mixed is None:
            self.mixed = name, value
        if {known, kind} == {INT, UINT} and name not in self._parameters:
            self.names[name] = UINT

    def _count(self, name: str, limits: list[ast.expr]) -> None:
        start = self._constant(limits[0]) if len(limits) == 2 else 0  # noqa: PLR2004 - range(start, end)
        if len(limits) > 2 or start is None or start < 0:  # noqa: PLR2004
            self._assigned.add(name)
        self._counters.add(name)

    def counts_up(self, node: ast.expr) -> bool:
        """Whether an expression is the name of loops that count it up from 0 or more, and nothing else assigns it."""
        return isinstance(node, ast.Name) and node.id in self._counters - self._assigned

    def is_parameter(self, name: str) -> bool:
        """Whether a name is one of the function's parameters."""
        return name in self._parameters

    def of(self, node: ast.expr) -> str:  # noqa: C901, PLR0911 - one case a kind of expression
        """The type of an expression."""
        if (number := self._constant(node)) is not None:
            is_bool = isinstance(node, ast.Constant) and isinstance(node.value, bool)
            return BOOL if is_bool else UINT if number >= SIGN else INT
        match node:
            case ast.Name(id=name):
                return self.names.get(name, OBJECT)
            case ast.BinOp(left=left, right=right):
                kinds = self.of(left), self.of(right)
                return kinds[0] if kinds[0] in NUMBERS and kinds[1] in NUMBERS else OBJECT
            case ast.UnaryOp(op=ast.Not()) | ast.Compare():
                return BOOL
            case ast.UnaryOp(operand=operand):
                return self.of(operand)
            case ast.BoolOp(values=values):
                return self.of(values[0])
            case ast.IfExp(body=body):
                return self.of(body)
            case ast.Call(func=ast.Name(id=name)) if name in _CASTS:
                return _CASTS[name]
            case ast.Call():
                return self._reads(node) or OBJECT
            case ast.Attribute(value=ast.Name(id=name), attr="value") if name in self._words:
                return UINT
            case ast.Attribute():
                return self._reads(node) or OBJECT
            case ast.Subscript(value=ast.Name(id=name)) if self.names.get(name, "").startswith("ptr"):
                return INT
        return OBJECT


def annotated(annotation: ast.expr | None) -> str | None:
    """The type that an annotation names, None for no annotation or one that viper does not know."""
    match annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            return _CASTS.get(name)
    return None
