"""Finds address literals and plain memory accesses in source files."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEX = re.compile(r"\b0[xX]([0-9A-Fa-f_]+)[uUlL]*\b")
_ACCESS = re.compile(r"\b(?:mem|ptr)(?:8|16|32)\b")
_C_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_DIGITS = 7  # 0x800_0000, where an STM32's flash begins, has 7
_TOP_BYTE = 0xFF00_0000
_LARGEST = 0xFFFF_FFFF


@dataclass(frozen=True)
class Found:
    """A literal, such as 0x4000_5008, or the name of a memory access, such as mem32, in a line of a file."""

    line: int
    text: str

    @property
    def is_access(self) -> bool:
        return not self.text.startswith("0x")


def found_in(path: Path) -> Iterator[Found]:
    """All of a Python, C, linker or TOML file, comments and docstrings left out."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _in_python(text)
    elif path.suffix == ".toml":
        yield from _in_text(re.sub(r"#[^\n]*", "", text), 1)
    else:
        yield from _in_text(_C_COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text), 1)


def is_address(digits: str) -> bool:
    """Whether a hexadecimal number may be an address: not a mask of low bits or of whole high bytes, nor too large."""
    value = int(digits, 16)
    if len(digits.replace("_", "")) < _DIGITS or value > _LARGEST:
        return False
    low_mask = value & (value + 1) == 0
    rest = _LARGEST - value
    high_mask = rest & (rest + 1) == 0 and value >= _TOP_BYTE
    return not low_mask and not high_mask


def _in_python(text: str) -> Iterator[Found]:
    docstrings = {
        (node.body[0].lineno, node.body[0].col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT and token.start not in docstrings:
            yield from _in_text(token.string, token.start[0])


def _in_text(text: str, first_line: int) -> Iterator[Found]:
    for number, line in enumerate(text.splitlines(), first_line):
        for match in _HEX.finditer(line):
            digits = match[1].strip("_")
            if is_address(digits):
                yield Found(number, f"0x{digits.replace('_', '').upper()}")
        for match in _ACCESS.finditer(line):
            yield Found(number, match[0])
