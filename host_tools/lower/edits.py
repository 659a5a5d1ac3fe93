"""Changes to a text by the positions of its syntax tree, so that every line stays where it is."""

import ast
import itertools


class Edits:
    """Replacements in one module's text. Positions are those of `ast`: lines from 1, columns in bytes."""

    def __init__(self, text: str) -> None:
        """`text` of the whole module."""
        self._bytes = text.encode()
        lengths = (len(line) for line in self._bytes.splitlines(keepends=True))
        self._starts = [0, *itertools.accumulate(lengths)]
        self._edits: dict[tuple[int, int], bytes] = {}

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int) -> int:
        """Where a line and column are, in bytes."""
        return self._starts[line - 1] + column

    def line_end(self, line: int) -> int:
        """Where a line ends, without what ends it, in bytes."""
        start, end = self._starts[line - 1], self._starts[line]
        return start + len(self._bytes[start:end].rstrip(b"\r\n"))

    def find(self, wanted: bytes, start: int) -> int:
        """Where bytes of the text as it was come next."""
        return self._bytes.index(wanted, start)

    def mark(self) -> dict[tuple[int, int], bytes]:
        """The changes so far, for `back_to`."""
        return dict(self._edits)

    def back_to(self, mark: dict[tuple[int, int], bytes]) -> None:
        """Forgets the changes since then."""
        self._edits = mark

    def text(self, node: ast.expr | ast.stmt) -> str:
        """The node's text as it is by now."""
        return self.rendered(*self.span(node))

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The node's text as it was, its lines joined."""
        start, end = self.span(node)
        return " ".join(line.strip() for line in self._bytes[start:end].decode().splitlines())

    def spelled(self, node: ast.expr, inner: ast.expr | None = None, name: str = "") -> str:
        """The node's text as it was, in one line, with a name in place of an expression in it."""
        start, end = self.span(node)
        text = self._bytes[start:end]
        if inner is not None:
            first, last = self.span(inner)
            text = self._bytes[start:first] + name.encode() + self._bytes[last:end]
        return ast.unparse(ast.parse(f"({text.decode()}\n)", mode="eval"))

    def missing_lines(self, node: ast.expr | ast.stmt, text: str) -> str:
        """The line ends that a text needs more to be as many lines as the node was."""
        start, end = self.span(node)
        return "\n" * (self._bytes[start:end].count(b"\n") - text.count("\n"))

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        """Puts a text in place of a node and of what was changed in it. It must have as many lines."""
        self.splice(*self.span(node), text)

    def splice(self, start: int, end: int, text: str) -> None:
        """Puts a text in place of these bytes."""
        inside = [span for span in self._edits if start <= span[0] and span[1] <= end]
        for span in inside:
            if start < end or span == (start, end):
                del self._edits[span]
        self._edits[start, end] = text.encode()

    def insert(self, at: int, text: str) -> None:
        """Puts a text ahead of what is at a place, and of what was put there before."""
        self._edits[at, at] = text.encode() + self._edits.get((at, at), b"")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return not self._edits

    def result(self) -> str:
        """The whole text."""
        return self.rendered(0, len(self._bytes))

    def rendered(self, start: int, end: int) -> str:
        """What is between two places by now."""
        parts = []
        for (first, last), text in sorted(self._edits.items()):
            if start <= first and last <= end:
                parts += [self._bytes[start:first], text]
                start = last
        return b"".join([*parts, self._bytes[start:end]]).decode()
