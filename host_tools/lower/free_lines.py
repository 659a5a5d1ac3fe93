"""Room in a module's text for a line more, where every other line must stay where it is."""

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from host_tools.lower.edits import Edits

_COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)
_INDENT = "    "


@dataclass(frozen=True)
class Room:
    """Where a line can go: all from `start` to `end`, in bytes, gives way to `before`, and then to that line."""

    start: int
    end: int
    before: str


class FreeLines:
    """The lines of one module that hold nothing but a comment, and how others can be freed."""

    def __init__(self, text: str, edits: Edits, kept: set[int]) -> None:
        """`kept`: lines that are not to be moved."""
        self._edits = edits
        self._kept = kept
        self._free, self._colons = _read(text)

    def take(self, line: int) -> bool:
        """Whether a line was free; it no longer is."""
        was_free = line in self._free
        self._free.discard(line)
        return was_free

    def room_in(self, line: int) -> Room:
        """The whole of a line that was taken."""
        return Room(self._edits.offset(line, 0), self._edits.line_end(line), "")

    def room_at_end(self, node: ast.With) -> Room | None:
        """Frees the last line of a statement, by moving what it holds one line up. None where that cannot be.

        What moves is told in a traceback as being one line higher.
        """
        assert node.end_lineno is not None
        block: Sequence[ast.stmt] = node.body
        while inner := _last_block(block[-1]):
            block = inner
        first = len(block) - 1
        while first and block[first - 1].end_lineno == block[first].lineno:
            first -= 1
        moved, line = block[first], block[first].lineno
        if isinstance(moved, _COMPOUND) or line == node.lineno or self._is_kept(line, node.end_lineno):
            return None
        start, end = self._edits.span(moved)[0], self._edits.span(block[-1])[1]
        text = self._edits.rendered(start, end)
        stop = self._edits.line_end(node.end_lineno)
        if self.take(line - 1):
            return Room(self._edits.offset(line - 1, 0), stop, f"{' ' * moved.col_offset}{text}\n")
        if first and not isinstance(block[first - 1], _COMPOUND) and block[first - 1].end_lineno == line - 1:
            return Room(self._edits.span(block[first - 1])[1], stop, f"; {text}\n")
        if not first and block is not node.body and (colon := self._colons.get(line - 1)) is not None:
            return Room(self._edits.offset(line - 1, colon), stop, f" {text}\n")
        return None

    def _is_kept(self, first: int, last: int) -> bool:
        return any(line in self._kept for line in range(first, last + 1))


def is_simple(node: ast.stmt) -> bool:
    """Whether another statement may share its line."""
    return not isinstance(node, _COMPOUND)


def _last_block(node: ast.stmt) -> Sequence[ast.stmt]:
    """The statements with which a compound statement ends; none of a simple one."""
    if isinstance(node, ast.Match):
        return node.cases[-1].body
    blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    if isinstance(node, ast.Try) and node.handlers and not node.orelse and not node.finalbody:
        return node.handlers[-1].body
    return next((block for block in reversed(blocks) if isinstance(block, list) and block), [])


def _read(text: str) -> tuple[set[int], dict[int, int]]:
    """The free lines, and where the colon ends of lines that end in one, in bytes from the line's start."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    tokens = [each for each in tokenize.generate_tokens(io.StringIO(text).readline) if each.type not in skipped]
    real = (each for each in tokens if each.type != tokenize.ENDMARKER)
    used = {line for each in real for line in range(each.start[0], each.end[0] + 1)}
    for first, second in pairwise(tokens):  # between two tokens of one statement no line is free
        if first.type != tokenize.NEWLINE and second.type != tokenize.ENDMARKER:
            used.update(range(first.end[0], second.start[0] + 1))
    colons = {
        first.end[0]: len(first.line.splitlines()[-1][: first.end[1]].encode())
        for first, second in pairwise(tokens)
        if first.string == ":" and second.type == tokenize.NEWLINE
    }
    return set(range(1, len(text.splitlines()) + 1)) - used, colons
