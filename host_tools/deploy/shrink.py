"""Programs for the board's raw REPL, as short as they get without changing what they do."""

import hashlib
import re
from pathlib import Path

from host_tools import paths
from host_tools.files import write_whole


def shrunk(*sources: Path) -> str:
    """The joined text of programs without what only people read; kept in the cache."""
    texts = [source.read_text(encoding="utf-8") for source in sources]
    key = hashlib.sha256("\0".join([Path(__file__).read_text(encoding="utf-8"), *texts]).encode()).hexdigest()[:24]
    kept = paths.cache_dir() / "deploy" / f"{key}.py"
    if kept.exists():
        return kept.read_text(encoding="utf-8")
    text = "\n".join(shrink(text) for text in texts)
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(kept, text)
    return text


def shrink(text: str) -> str:
    """A program without comments and docstrings, indented by one space."""
    import ast

    tree = ast.parse(text)
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef))
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    plain = "\n".join(line for line in ast.unparse(tree).splitlines() if line)
    return re.sub(r"^(?: {4})+", lambda found: " " * (len(found[0]) // 4), plain, flags=re.MULTILINE)
