"""Programs for the board's raw REPL, as short as they get without changing what they do."""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from host_tools import paths
from host_tools.files import write_whole

if TYPE_CHECKING:
    import ast


def shrunk(source: Path) -> str:
    """The text of a program without what only people read; kept in the cache."""
    text = source.read_text(encoding="utf-8")
    key = hashlib.sha256(f"{Path(__file__).stat()}{text}".encode()).hexdigest()[:24]
    kept = paths.cache_dir() / "deploy" / f"{key}.py"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, shrink(text))
    return kept.read_text(encoding="utf-8")


def shrink(text: str) -> str:
    """A program without comments and docstrings, with short names in its functions, indented by one space.

    It must not call its own functions with named arguments, nor have functions in functions.
    """
    import ast

    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef):
            _rename(node)
    plain = "\n".join(line for line in ast.unparse(tree).splitlines() if line)
    return re.sub(r"^(?: {4})+", lambda found: " " * (len(found[0]) // 4), plain, flags=re.MULTILINE)


def _rename(function: "ast.FunctionDef") -> None:
    """Gives a function's arguments and variables names of one letter."""
    import ast
    import string

    nodes = list(ast.walk(function))
    arguments = [node for node in nodes if isinstance(node, ast.arg)]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = {node.arg for node in arguments} | {node.id for node in names if isinstance(node.ctx, ast.Store)}
    taken = {node.id for node in names} - own
    short = dict(zip(sorted(own), (letter for letter in string.ascii_letters if letter not in taken), strict=False))
    for argument in arguments:
        argument.arg = short.get(argument.arg, argument.arg)
    for name in names:
        name.id = short.get(name.id, name.id)
