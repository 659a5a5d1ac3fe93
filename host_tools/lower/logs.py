"""Lowers log lines: those of a level that the build leaves out go, the others are looked at where their level is on.

    log.debug("rx %d", n)   ->                                                      # nothing, with level="info"
                            ->  log.level >= 4 and log.debug("rx %d", n)            # else
                            ->  log.level >= 4 and log.send(0x1F07, n)              # framed: the text stays on the host

A call that goes leaves an empty line, or `pass` where it was the only statement: no instruction either way, and its
arguments are not evaluated. This is done ahead of all else, so that `@hot` and viper functions never see it.
"""

import ast
import re
import zlib
from collections.abc import Iterator, Sequence

from host_tools.errors import UsageError
from host_tools.logs import LEVELS, Format, Logs
from host_tools.lower.edits import Edits
from host_tools.lower.image import Image, Module
from host_tools.lower.meanings import LogAt, Unknown
from host_tools.lower.notes import Kept, Mistaken, Note
from host_tools.lower.ordinary import KEEP, kept_lines
from host_tools.lower.ordinary_locks import is_machine_code
from host_tools.lower.resolve import Scope

MODULE = "corten.log"
_MOST_ARGUMENTS = 4
_NUMBERS = 1 << 16
_PLACE = re.compile(r"%(?:%|[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[a-zA-Z])")


class LoweredLogs:
    """Lowers the lines of one module. Afterwards `text` is the module's, `notes` and `formats` what was done."""

    def __init__(self, image: Image, module: Module, logs: Logs, taken: set[int]) -> None:
        """`taken`: numbers of other formats. Raises UsageError for a line that cannot be put together."""
        self.notes: list[Note] = []
        self.formats: list[Format] = []
        self._logs = logs
        self._taken = taken
        self._module = module
        self._lines = module.text.splitlines()
        self._kept = kept_lines(module.text)
        self._edits = Edits(module.text)
        self._in_machine_code = False
        self._visit(module.tree, Scope(image, module))

    @property
    def text(self) -> str:
        """The module's text, in as many lines."""
        return self._edits.result()

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        was = self._in_machine_code
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._in_machine_code = was or is_machine_code(node, scope)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            scope = scope.inside(node)
        for block in _blocks(node):
            self._block(block, scope)
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)
        self._in_machine_code = was

    def _block(self, statements: Sequence[ast.stmt], scope: Scope) -> None:
        gone = [each for each in statements if self._statement(each, scope)]
        for each in gone:
            is_needed = len(gone) == len(statements) and each is gone[0]
            is_alone = not is_needed and self._has_lines_of_its_own(each)
            text = "" if is_alone else "pass"
            self._edits.replace(each, text + self._edits.missing_lines(each, text))

    def _statement(self, statement: ast.stmt, scope: Scope) -> bool:
        """Whether a statement is a line that goes; one that stays is lowered."""
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=level)) as call) if level in LEVELS[1:]:
                found = scope.meaning(owner)
            case _:
                return False
        try:
            if isinstance(found, Unknown) and "log" in ast.unparse(owner).lower():
                raise Kept(found.reason)
            if not isinstance(found, LogAt):
                return False
            if any(line in self._kept for line in range(call.lineno, (call.end_lineno or 0) + 1)):
                raise Kept(f"its line ends in {KEEP!r}")
            _check(call)
            if LEVELS.index(level) > LEVELS.index(self._logs.level):
                self._note(call, result="nothing")
                return True
            self._guard(call, owner, level, found)
        except Kept as kept:
            self._note(call, reason=kept.reason)
        except Mistaken as mistaken:
            raise UsageError(f"{self._module.path}:{call.lineno}: {mistaken.message}", mistaken.fix) from None
        return False

    def _guard(self, call: ast.Call, owner: ast.expr, level: str, found: LogAt) -> None:
        if self._in_machine_code:
            raise Kept("its function is machine code, in which its level is looked at inside the call")
        spelled = ast.unparse(owner)
        if not re.fullmatch(r"[\w.]+", spelled):
            raise Kept("its log has no name")
        condition = f"{spelled}.level >= {LEVELS.index(level)} and "
        start, end = self._edits.span(call)
        text = call.args[0]
        if self._logs.framed and isinstance(text, ast.Constant) and found.name:
            made = self._format(call, level, found.name, str(text.value))
            opening = self._edits.find(b"(", self._edits.span(owner)[1])
            self._edits.splice(start, opening, f"{spelled}.send")
            self._edits.replace(text, f"{made.number:#06x}{self._edits.missing_lines(text, '')}")
        self._edits.insert(start, condition)
        self._note(call, result=" ".join(line.strip() for line in self._edits.rendered(start, end).splitlines()))

    def _format(self, call: ast.Call, level: str, name: str, text: str) -> Format:
        key = f"{level}\0{name}\0{text}\0{self._module.file}\0{call.lineno}\0{call.col_offset}"
        number = zlib.crc32(key.encode()) % _NUMBERS
        while number in self._taken:
            number = (number + 1) % _NUMBERS
        self._taken.add(number)
        made = Format(number, level, name, text, self._module.file, call.lineno)
        self.formats.append(made)
        return made

    def _has_lines_of_its_own(self, node: ast.stmt) -> bool:
        assert node.end_lineno is not None
        before = self._lines[node.lineno - 1].encode()[: node.col_offset]
        behind = self._lines[node.end_lineno - 1].encode()[node.end_col_offset :].strip()
        return not before.strip() and (not behind or behind.startswith(b"#"))

    def _note(self, node: ast.expr, result: str | None = None, reason: str | None = None) -> None:
        source = self._edits.source(node)
        self.notes.append(Note(self._module.file, node.lineno, node.col_offset, source, result, reason))


def lower_logs(image: Image, logs: Logs) -> dict[str, LoweredLogs]:
    """The modules whose lines were lowered, or are to be told of, by file."""
    made, taken = {}, set[int]()
    for module in image.modules.values():
        if module.name != MODULE and re.search(r"\blog\b", module.text):
            found = LoweredLogs(image, module, logs, taken)
            if found.notes:
                made[module.file] = found
    return made


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for _, inner in ast.iter_fields(node):
        if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
            yield inner


def _check(call: ast.Call) -> None:
    """Mistaken for what fails when it is put together, Kept for what cannot be told."""
    if call.keywords or any(isinstance(each, ast.Starred) for each in call.args) or not call.args:
        raise Kept("its arguments are known on the chip only")
    text, *arguments = call.args
    if len(arguments) > _MOST_ARGUMENTS:
        raise Mistaken(f"a log line has {_MOST_ARGUMENTS} arguments at most", "make two lines of it")
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)) or not arguments:
        return
    places = [place for place in _PLACE.findall(text.value) if place != "%%"]
    if "%(" in text.value or any("*" in place for place in places):
        raise Mistaken("a log line has plain places, as %d or %s", "write it without names and `*`")
    if len(places) != len(arguments):
        raise Mistaken(f"the text has {len(places)} places for {len(arguments)} arguments", "make them as many")
