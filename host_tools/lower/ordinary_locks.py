"""Lowers the locks of code that is not `@hot`: each `with` becomes the `try … finally` that one would write by hand.

    with critical:              try:
        a()             ->          _corten_found = _corten_mask(); a()
        b()                         b()
                                finally: _corten_restore(_corten_found)

The line of `finally` is a free one behind the statement, or is made free by moving the last statement one line up, and
a traceback has it there. All others stay. Between masking and the body nothing raises: Ctrl-C is looked for at jumps.
"""

import ast
from dataclasses import dataclass

from host_tools.errors import UsageError
from host_tools.lower.edits import Edits
from host_tools.lower.free_lines import FreeLines, Room, is_simple
from host_tools.lower.image import Image, Module
from host_tools.lower.locks import MASK, RESTORE, Lock, Nothing, UpTo, called_as, check_inside, check_uses, lock_of
from host_tools.lower.meanings import HOT, Symbol
from host_tools.lower.notes import Kept, Mistaken, Note
from host_tools.lower.resolve import Scope
from host_tools.lower.site import Names
from host_tools.lower.tasks import Tasks

_UNLIMIT, _LIMIT_TO = "unlimit", "limit_to"

_FOUND = "_corten_found"


@dataclass(frozen=True)
class _Calls:
    """What goes before the body of a lock, and behind it."""

    enter: str
    leave: str


class OrdinaryLocks:
    """Lowers those of one module. Afterwards `text` is the module's, `notes` what was done."""

    def __init__(self, image: Image, module: Module, tasks: Tasks | None, kept: set[int]) -> None:
        """`kept`: lines to leave as they are. Raises UsageError for a lock that can only go wrong."""
        self.notes: list[Note] = []
        self._module = module
        self._tasks = tasks
        self._kept = kept
        self._edits = Edits(module.text)
        self._lines = FreeLines(module.text, self._edits, kept)
        self._names = Names(module.nodes)
        self._used: set[str] = set()
        self._levels: set[int] = set()
        self._held: list[Lock] = []
        self._ends: dict[ast.AST, int] = {}  # the line of a lowered lock's `finally`
        self._packed: set[ast.AST] = set()  # lowered locks in two lines
        self._block(module.tree.body, Scope(image, module))

    @property
    def text(self) -> str:
        """The module's text, in as many lines."""
        return self._edits.result()

    @property
    def called(self) -> set[str]:
        """The functions of `corten.masking` that the text calls."""
        return self._used

    @property
    def setup(self) -> str:
        """The statements that make what else it calls, each behind a semicolon."""
        return "".join(f"; {_limit(level)} = {called_as(_LIMIT_TO)}({level})" for level in sorted(self._levels))

    def _block(self, statements: list[ast.stmt], scope: Scope) -> None:
        for number, statement in enumerate(statements):
            self._visit(statement, statements[number - 1] if number else None, scope)

    def _visit(self, node: ast.stmt, previous: ast.stmt | None, scope: Scope) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_machine_code(node, scope):
            return
        if isinstance(node, ast.With) and self._lock(node, previous, scope):
            return
        is_scope = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        held, self._held = self._held, [] if is_scope else self._held
        self._blocks(node, scope.inside(node) if is_scope else scope)
        self._held = held

    def _blocks(self, node: ast.AST, scope: Scope) -> None:
        for _, inner in ast.iter_fields(node):
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                self._block(inner, scope)
            elif isinstance(inner, list):
                for each in inner:
                    if isinstance(each, ast.ExceptHandler | ast.match_case):
                        self._blocks(each, scope)

    def _lock(self, node: ast.With, previous: ast.stmt | None, scope: Scope) -> bool:
        at = node.items[0].context_expr
        try:
            lock = lock_of(node, scope, self._tasks)
            if lock is None:
                return False
            if node.lineno in self._kept:
                raise Kept("its line ends in '# corten: keep'")
            check_inside(lock, node, [each.shared for each in self._held if each.shared is not None])
            self._check(lock, node, scope)
        except Kept as kept:
            self._note(at, reason=kept.reason)
            return False
        except Mistaken as mistaken:
            fix = f"{mistaken.fix}; if the code is to fail there, end the line in `# corten: keep`"
            raise UsageError(f"{self._module.path}:{node.lineno}: {mistaken.message}", fix) from None
        self._held.append(lock)
        self._block(node.body, scope)
        self._held.pop()
        before = self._edits.mark()
        self._replace_values(lock, node)
        try:
            calls = self._calls(lock)
            self._lay_out(node, previous, calls)
        except Kept as kept:
            self._edits.back_to(before)
            self._note(at, reason=kept.reason)
            return True
        self._note(at, result=f"{calls.enter}; {calls.leave}" if calls else "masks nothing")
        return True

    def _check(self, lock: Lock, node: ast.With, scope: Scope) -> None:
        if scope.chain and scope.function is None:
            raise Kept("it is in the body of a class")
        check_uses(lock, node, scope.function or self._module.tree)
        for statement in node.body:
            for inner in ast.walk(statement):
                if lock.name and isinstance(inner, ast.JoinedStr):
                    for each in ast.walk(inner):
                        if isinstance(each, ast.Name) and each.id == lock.name:
                            raise Kept(f"{lock.name} is used in an f-string")
                if lock.name and isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Del):
                    raise Kept("an attribute is deleted in it")

    def _calls(self, lock: Lock) -> _Calls | None:
        """What masks and restores; None where nothing is to be masked."""
        if isinstance(lock.masked, Nothing):
            return None
        depth = len(self._held)
        found = self._names.free(_FOUND if not depth else f"{_FOUND}{depth + 1}")
        if isinstance(lock.masked, UpTo):
            assert self._tasks is not None
            if not self._tasks.core.basepri:
                raise Kept("this core has no BASEPRI")
            level = self._tasks.core.level(lock.masked.priority)
            self._levels.add(level)
            self._used |= {_LIMIT_TO, _UNLIMIT}
            return _Calls(f"{found} = {_limit(level)}()", f"{called_as(_UNLIMIT)}({found})")
        self._used |= {MASK, RESTORE}
        return _Calls(f"{found} = {called_as(MASK)}()", f"{called_as(RESTORE)}({found})")

    def _lay_out(self, node: ast.With, previous: ast.stmt | None, calls: _Calls | None) -> None:
        """Puts the lines of a lock around its body. Raises Kept where there is no room."""
        start, first = self._edits.span(node)[0], node.body[0]
        colon = self._edits.find(b":", self._edits.span(_last_of(node.items[-1]))[1])
        if colon > self._edits.line_end(node.lineno):
            raise Kept("its header takes several lines")
        if calls is None:
            self._edits.splice(start, colon, "if True")
            return
        leave = f"{' ' * node.col_offset}finally: {calls.leave}"
        body = self._edits.span(first)[0], self._edits.span(node)[1]
        if first.lineno == node.lineno:
            room = self._room_behind(node)
            if room is None:
                raise Kept("it is one line, and none behind it is free for the `finally`")
            self._packed.add(node)
            self._edits.splice(start, body[1], f"try: {calls.enter}; {self._edits.rendered(*body)}")
        elif (room := self._room_behind(node)) is None and node.end_lineno == node.lineno + 1 and is_simple(first):
            text = self._edits.rendered(*body)
            end = self._edits.line_end(node.end_lineno)
            self._edits.splice(start, end, f"try: {calls.enter}; {text}\n{leave}")
            self._ends[node] = node.end_lineno
            self._packed.add(node)
            return
        else:
            self._mask(node, previous, calls.enter)
            self._edits.splice(start, colon, "try")
            room = room or self._room_inside(node)
        self._edits.splice(room.start, room.end, f"{room.before}{leave}")

    def _mask(self, node: ast.With, previous: ast.stmt | None, enter: str) -> None:
        """Puts the call that masks ahead of the body."""
        first = node.body[0]
        inner = first
        while isinstance(inner, ast.Try) or (inner in self._ends and inner not in self._packed):
            assert isinstance(inner, ast.Try | ast.With)
            inner = inner.body[0]
        if is_simple(inner):
            self._edits.insert(self._edits.span(inner)[0], f"{enter}; ")
            return
        top = min([first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))])
        for line, column in (*((line, first.col_offset) for line in range(node.lineno + 1, top)),
                             (node.lineno - 1, node.col_offset)):  # fmt: skip
            if self._lines.take(line):
                free = self._lines.room_in(line)
                self._edits.splice(free.start, free.end, " " * column + enter)
                return
        if previous is not None and is_simple(previous) and previous.end_lineno not in self._kept:
            end = self._edits.span(previous)[1]
            self._edits.splice(end, end, f"; {enter}")
            return
        if not isinstance(first, ast.If | ast.For):
            raise Kept("it begins with a compound statement, and no line before that is free for masking")
        evaluated = first.test if isinstance(first, ast.If) else first.iter  # once, and first of all
        found, _, call = enter.partition(" = ")
        self._edits.replace(evaluated, f"({found} := {call}) is None or ({self._edits.text(evaluated)})")

    def _room_behind(self, node: ast.With) -> Room | None:
        """A free line behind a lock, and behind the `finally` of those in it."""
        line = self._end(node) + 1
        if not self._lines.take(line):
            return None
        self._ends[node] = line
        return self._lines.room_in(line)

    def _room_inside(self, node: ast.With) -> Room:
        assert node.end_lineno is not None
        is_held = any(each is not node and self._ends.get(each) == node.end_lineno for each in ast.walk(node))
        room = None if is_held or self._end(node) > node.end_lineno else self._lines.room_at_end(node)
        if room is None:
            raise Kept("no line is free for the `finally`, behind it or by moving its last statement up")
        self._ends[node] = node.end_lineno
        return room

    def _end(self, node: ast.With) -> int:
        assert node.end_lineno is not None
        return max([node.end_lineno, *(self._ends.get(each, 0) for each in ast.walk(node))])

    def _replace_values(self, lock: Lock, node: ast.With) -> None:
        if not lock.name:
            return
        assert lock.owner is not None
        assert lock.shared is not None
        text = self._edits.source(lock.owner) + ("._words[0]" if lock.shared.is_word else "._cell[0]")
        for statement in node.body:
            for use in ast.walk(statement):
                match use:
                    case ast.Attribute(value=ast.Name(id=name), attr="value") if name == lock.name:
                        self._edits.replace(use, text)

    def _note(self, node: ast.expr, result: str | None = None, reason: str | None = None) -> None:
        source = self._edits.source(node)
        self.notes.append(Note(self._module.file, node.lineno, node.col_offset, source, result, reason))


def _limit(level: int) -> str:
    """What a module calls the function that masks up to a level."""
    return f"_corten_limit_{level}"


def _last_of(item: ast.withitem) -> ast.expr:
    return item.optional_vars or item.context_expr


def is_machine_code(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> bool:
    """Whether a function is compiled to machine code with types of its own, or is @hot."""
    for mark in node.decorator_list:
        if isinstance(mark, ast.Attribute) and (mark.attr == "viper" or mark.attr.startswith("asm_")):
            return True
        if scope.meaning(mark) == Symbol(HOT):
            return True
    return False
