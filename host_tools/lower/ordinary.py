"""Lowers one module: every access to a known register becomes the load or store that an expert would have written.

A walk over the syntax tree that replaces expressions and statements in place. What is inside a replaced expression was
replaced before it.
"""

import ast
import io
import tokenize
from collections.abc import Callable

from host_tools.errors import UsageError
from host_tools.lower import hot, loads, spelling, stores
from host_tools.lower.edits import Edits
from host_tools.lower.hot_locks import Locking
from host_tools.lower.image import Image, Module
from host_tools.lower.loads import Expression
from host_tools.lower.meanings import AtomicOf, FieldOf, Meaning, RegisterAt, Unknown, Wrong
from host_tools.lower.members import METHODS
from host_tools.lower.notes import Kept, Mistaken, Note
from host_tools.lower.resolve import Scope
from host_tools.lower.site import Names, Site

KEEP = "# corten: keep"
"""A comment at the end of a line whose statement stays as it is."""

_VALUES = ("address", "mask", "width", "bit")
_CHANGES = ("write", "modify", "set", "clear", "toggle")
_LOADS = ("read", "get", "encode")
ACCESSES = (*_VALUES, *_CHANGES, *_LOADS)
"""The names of what is lowered; a module without them stays as it is."""

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Lowering:
    """Lowers one module. Afterwards `edits` has the text, `notes` what was done, `names` what must be imported."""

    def __init__(self, image: Image, module: Module, locking: Locking | None) -> None:
        """Lowers it. `locking`: for its @hot functions. UsageError for an access that fails whenever it runs."""
        self.edits = Edits(module.text)
        self.names = Names(module.nodes)
        self.notes: list[Note] = []
        self._locking = locking
        self._module = module
        self._kept = kept_lines(module.text)
        self._parents = {child: node for node in module.nodes for child in ast.iter_child_nodes(node)}
        for statement in module.tree.body:
            self._visit(statement, Scope(image, module))

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.FunctionDef) and hot.is_hot(node, scope):
            self._hot(node, scope)
            return
        if isinstance(node, ast.JoinedStr):
            self._unchanged(node, scope, "it is inside an f-string", node)  # where positions are not to be relied on
            return
        if isinstance(node, ast.FunctionDef) and _is_machine_code(node):
            self._unchanged(node, scope.inside(node), "its function has a compiler of its own; @hot is lowered")
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope.inside(node) if _is_inside(node, child) else scope)
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name)) as call) if name in _CHANGES:
                self._statement(node, call, scope)
            case ast.Call(func=ast.Attribute(attr=name)) if name in (*_LOADS, *_CHANGES):
                if name in _LOADS or not isinstance(self._parents.get(node), ast.Expr):
                    self._expression(node, scope)
            case ast.Attribute(attr=name, ctx=ast.Load()) if name in _VALUES:
                self._constant(node, scope)

    def _statement(self, node: ast.Expr, call: ast.Call, scope: Scope) -> None:
        site = Site(scope, self.edits, self.names, call, is_statement=True)

        def lowered(found: Meaning) -> str:
            made = _store(site, found)
            setup = "".join(f"{each}; " for each in site.setup)
            text = f"{setup}{made.target} {made.operator} {made.value}"
            missing = self.edits.missing_lines(node, text)
            if not missing and "\n" not in made.value:
                return text
            return f"{setup}{made.target} {made.operator} ({made.value}{missing})"

        self._lower(node, call, scope, lowered)

    def _expression(self, call: ast.Call, scope: Scope) -> None:
        site = Site(scope, self.edits, self.names, call, is_statement=False)
        parent = self._parents.get(call)

        def lowered(found: Meaning) -> str:
            made = self._load(site, found, call, scope)
            missing = self.edits.missing_lines(call, made.text)
            if not missing and not loads.needs_parentheses(parent, call, made):
                return made.text
            return f"({made.text}{missing})"

        self._lower(call, call, scope, lowered)

    def _load(self, site: Site, found: Meaning, call: ast.Call, scope: Scope) -> Expression:
        match found:
            case RegisterAt() if site.method == "read":
                return loads.read(site, found, self._is_masked(call, found, scope))
            case RegisterAt() if site.method == "encode":
                return stores.encode(site, found)
            case FieldOf() if site.method == "get":
                return loads.get(site, found, self._is_condition(call))
            case RegisterAt() | FieldOf() | AtomicOf() if site.method in _CHANGES:
                raise Kept("it is part of an expression")
        raise Kept(f"it has no {site.method}")

    def _lower(self, node: ast.expr | ast.stmt, call: ast.Call, scope: Scope, make: Callable[[Meaning], str]) -> None:
        assert isinstance(call.func, ast.Attribute)
        found = scope.meaning(call.func.value) or Unknown("the source does not say that it is a register, or which one")
        if isinstance(found, int):
            return
        try:
            if self._is_kept(call):
                raise Kept(f"its line ends in {KEEP!r}")
            text = make(_known(found, call.func.attr))
        except Kept as reason:
            if isinstance(found, RegisterAt | FieldOf | AtomicOf) or _looks_like_register(call.func):
                self._note(call, reason=reason.reason)
        except Mistaken as error:
            if not self._is_expected(call):
                where = f"{self._module.path}:{call.lineno}"
                fix = f"{error.fix}; if the code is to fail there, end the line in `{KEEP}`"
                raise UsageError(f"{where}: {error.message}", fix) from None
            self._note(call, reason=f"it always fails: {error.message}")
        else:
            self._note(call, result=" ".join(line.strip() for line in text.splitlines()))
            self.edits.replace(node, text)

    def _constant(self, node: ast.Attribute, scope: Scope) -> None:
        """`register.address` and the like."""
        if not isinstance(scope.meaning(node.value), RegisterAt | FieldOf) or self._is_kept(node):
            return
        number = scope.constant(node)
        if number is None:
            return
        text = spelling.address(number) if node.attr == "address" else spelling.plain(number)
        parent = self._parents.get(node)
        missing = self.edits.missing_lines(node, text)
        is_owner = isinstance(parent, ast.Attribute)
        self._note(node, result=text)
        self.edits.replace(node, f"({text}{missing})" if missing or is_owner else text)

    def _hot(self, node: ast.FunctionDef, scope: Scope) -> None:
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        assert node.end_lineno is not None
        lines, last = self._module.text.splitlines(), node.end_lineno
        while last < len(lines) and not lines[last].strip():
            last += 1
        made = hot.lower_function(node, scope, self._module.path, last - first + 1, self._locking)
        end = self.edits.offset(last, len(lines[last - 1].encode()))
        self.edits.splice(self.edits.offset(first, 0), end, "\n".join(made.lines))
        self.notes += made.notes

    def _unchanged(self, node: ast.AST, scope: Scope, reason: str, at: ast.expr | None = None) -> None:
        """Notes the accesses in what is left as it is; `at`: where, if their own positions are wrong."""
        for inner in ast.walk(node):
            match inner:
                case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in (*_LOADS, *_CHANGES):
                    if isinstance(scope.meaning(owner), RegisterAt | FieldOf | AtomicOf):
                        where = at or inner
                        note = Note(self._module.file, where.lineno, where.col_offset, ast.unparse(inner), None, reason)
                        self.notes.append(note)

    def _note(self, node: ast.expr, result: str | None = None, reason: str | None = None) -> None:
        source = self.edits.source(node)
        self.notes.append(Note(self._module.file, node.lineno, node.col_offset, source, result, reason))

    def _is_kept(self, node: ast.AST) -> bool:
        """Whether the statement around has the comment: a compound one in its header."""
        if not self._kept:
            return False
        statement = node
        while not isinstance(statement, ast.stmt):
            statement = self._parents[statement]
        body: list[ast.stmt] = getattr(statement, "body", [])
        last = body[0].lineno - 1 if body else statement.end_lineno
        return any(line in self._kept for line in range(statement.lineno, max(last or 0, statement.lineno) + 1))

    def _is_expected(self, node: ast.AST) -> bool:
        """Whether an exception is caught around here, or the code is handed to someone who may catch it."""
        child = node
        while (parent := self._parents.get(child)) is not None:
            if isinstance(parent, ast.Lambda):
                return True
            if isinstance(parent, ast.Try) and parent.handlers and child in parent.body:
                return True
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                return False
            child = parent
        return False

    def _is_masked(self, call: ast.Call, found: RegisterAt, scope: Scope) -> bool:
        """Whether the value goes through a mask that cuts the sign off that memory gives it."""
        parent = self._parents.get(call)
        if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.BitAnd):
            return False
        other = scope.constant(parent.right if parent.left is call else parent.left)
        return other is not None and 0 <= other <= found.register.mask

    def _is_condition(self, node: ast.expr) -> bool:
        """Whether only the truth of a value matters."""
        child: ast.AST = node
        parent = self._parents.get(child)
        while isinstance(parent, ast.BoolOp):
            child, parent = parent, self._parents.get(parent)
        if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
            return parent.test is child
        return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _store(site: Site, found: Meaning) -> stores.Statement:
    match found, site.method:
        case RegisterAt(), "write":
            return stores.write(site, found)
        case RegisterAt(), "modify":
            return stores.modify(site, found)
        case RegisterAt(), "set" | "clear" | "toggle":
            return stores.change(site, found)
        case FieldOf(), "set" | "clear" | "toggle":
            return stores.change_field(site, found)
        case AtomicOf(), "set" | "clear" | "toggle":
            return stores.atomic(site, found)
    raise Kept(f"it has no {site.method}")


def _known(found: Meaning, method: str) -> Meaning:
    match found:
        case Unknown(reason):
            raise Kept(reason)
        case Wrong(message, fix):
            raise Mistaken(message, fix)
        case RegisterAt() if method not in METHODS:
            raise Mistaken(f"{found.label} has no {method}", f"name a field: {found.register.name}.FIELD.{method}()")
    return found


def _is_machine_code(node: ast.FunctionDef) -> bool:
    """Whether a function is compiled to machine code with types of its own."""
    marks = (each.attr for each in node.decorator_list if isinstance(each, ast.Attribute))
    return any(mark == "viper" or mark.startswith("asm_") for mark in marks)


def _is_inside(node: ast.AST, child: ast.AST) -> bool:
    """Whether a child is evaluated in the scope that a node opens."""
    match node:
        case ast.Lambda(body=body):
            return child is body
        case ast.FunctionDef(body=statements) | ast.AsyncFunctionDef(body=statements) | ast.ClassDef(body=statements):
            return child in statements
    return isinstance(node, _COMPREHENSIONS)


def _looks_like_register(method: ast.Attribute) -> bool:
    """Whether a call is spelled like an access: on something in capitals."""
    owner = method.value
    for _ in range(2):
        while isinstance(owner, ast.Subscript):
            owner = owner.value
        name = owner.attr if isinstance(owner, ast.Attribute) else ""
        if name.isupper():
            return True
        owner = owner.value if isinstance(owner, ast.Attribute) else owner
    return False


def kept_lines(text: str) -> set[int]:
    """The lines that end in KEEP."""
    if KEEP not in text:
        return set()
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT and token.string.endswith(KEEP)}
