"""Writes a rewritten function into the lines that it had, so that the lines behind it keep their numbers."""

import ast
from dataclasses import dataclass

_INDENT = "    "


@dataclass
class _Line:
    depth: int
    text: str
    simple: bool  # whether another simple statement may follow it, behind a semicolon


def fitted(node: ast.FunctionDef, depth: int, count: int) -> list[str] | None:
    """The source of a function, indented `depth` times, in exactly `count` lines; None if it needs more."""
    lines = [_Line(depth, f"@{ast.unparse(each)}", False) for each in node.decorator_list]
    lines += _written(node, depth)
    while len(lines) > count:
        if not (_join_neighbours(lines) or _join_body(lines)):
            return None
    blank = [""] * (count - len(lines))
    return [_INDENT * each.depth + each.text for each in lines] + blank


def _written(node: ast.stmt, depth: int) -> list[_Line]:
    inner = [name for name in ("body", "orelse", "handlers", "finalbody") if getattr(node, name, None)]
    if not inner:
        return [_Line(depth, ast.unparse(node), True)]
    lines = []
    for name in inner:
        children = getattr(node, name)
        if name == "handlers":
            for handler in children:
                lines += [_Line(depth, _header(handler), False), *_block(handler.body, depth + 1)]
        else:
            header = {"orelse": "else:", "finalbody": "finally:"}.get(name) or _header(node)
            lines += [_Line(depth, header, False), *_block(children, depth + 1)]
    return lines


def _block(statements: list[ast.stmt], depth: int) -> list[_Line]:
    return [line for each in statements for line in _written(each, depth)]


def _header(node: ast.AST) -> str:
    """The line of a compound statement that ends in a colon."""
    bare: dict[str, list[ast.AST]] = {
        name: [] for name in ("orelse", "finalbody", "handlers", "decorator_list") if hasattr(node, name)
    }
    if isinstance(node, ast.Try):
        return "try:"
    fields = {name: getattr(node, name, None) for name in node._fields}
    copy = type(node)(**{**fields, **bare, "body": [ast.Pass()]})
    return ast.unparse(ast.fix_missing_locations(copy)).rsplit("\n", 1)[0]


def _join_neighbours(lines: list[_Line]) -> bool:
    """Puts two simple statements of one block into one line, the deepest ones first."""
    pairs = [
        number
        for number in range(len(lines) - 1)
        if lines[number].simple and lines[number + 1].simple and lines[number].depth == lines[number + 1].depth
    ]
    if not pairs:
        return False
    at = min(pairs, key=lambda number: len(lines[number].text))
    lines[at].text += f"; {lines.pop(at + 1).text}"
    return True


def _join_body(lines: list[_Line]) -> bool:
    """Puts a block that is one line of simple statements behind the colon of its header."""
    for at in range(len(lines) - 1):
        header, body = lines[at], lines[at + 1]
        ends = at + 2 == len(lines) or lines[at + 2].depth < body.depth
        if header.text.endswith(":") and body.simple and body.depth == header.depth + 1 and ends:
            header.text += f" {lines.pop(at + 1).text}"
            return True
    return False
