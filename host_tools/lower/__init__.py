"""Lowers the modules of an image: typed register accesses become the plain loads and stores that an expert would write.

    lowered = lower({"main.py": text, "corten/register.py": …})
    lowered["main.py"].text         # as many lines, every statement on its own line
    lowered["main.py"].notes        # what was lowered, what was kept and why

The lowered code makes the same bus accesses in the same order, and raises where the source would: what cannot be told
from the source stays as it is, or keeps its check, with the original call behind it. Pure: nothing is read or run.

image.py and bindings.py know the modules and their names, resolve.py says what an expression means, ranges.py between
which numbers it lies; ordinary.py rewrites a module, loads.py and stores.py one access each, hot.py a marked function.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from host_tools.lower.edits import Edits
from host_tools.lower.hot_body import MASK, RESTORE
from host_tools.lower.image import Image, Module
from host_tools.lower.notes import Note
from host_tools.lower.ordinary import ACCESSES, KEEP, Lowering

__all__ = ["KEEP", "Lowered", "Note", "lower"]

_LEFT_ALONE = ("register", "refusal", "field", "elements", "atomic", "hot", "critical", "peripheral")
"""The modules of `corten` that registers are made of."""

_COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


@dataclass(frozen=True)
class Lowered:
    """A module's new text, and what was done to it."""

    text: str
    notes: tuple[Note, ...] = ()
    is_changed: bool = False


def lower(sources: Mapping[str, str], paths: Mapping[str, str] | None = None) -> dict[str, Lowered]:
    """Lowers all modules of an image; sources: file name in the image, such as `corten/irq.py`, to text.

    paths: what the user calls a file, for messages, where that is not its name in the image.

    Raises UsageError for an access that would fail whenever it runs, and for a table of registers that makes no sense.
    """
    image = Image(sources, paths or {})
    modules = {module.file: module for module in image.modules.values()}
    return {file: _lowered(image, modules.get(file), text) for file, text in sources.items()}


def _lowered(image: Image, module: Module | None, text: str) -> Lowered:
    if module is None or module.name in {f"corten.{name}" for name in _LEFT_ALONE}:
        return Lowered(text)
    accesses = (node for node in module.nodes if isinstance(node, ast.Attribute) and node.attr in ACCESSES)
    if "hot" not in text and next(accesses, None) is None:
        return Lowered(text)
    made = Lowering(image, module)
    if made.edits.is_empty:
        return Lowered(text, tuple(made.notes))
    memories = ", ".join(f"{name} as {own}" for name, own in made.names.memories.items())
    imports = [f"from machine import {memories}"] if memories else []
    if made.has_locks:
        imports.append(f"from corten.critical import _mask as {MASK}, _restore as {RESTORE}")
    if imports and not _insert(module, made.edits, "; ".join(imports)):
        reason = "the module has no simple statement or free line at its top, for an import"
        kept = (Note(each.file, each.line, each.column, each.source, None, reason) for each in made.notes)
        return Lowered(text, tuple(kept))
    result = made.edits.result()
    _check(module, result)
    return Lowered(result, tuple(made.notes), is_changed=True)


def _insert(module: Module, edits: Edits, imports: str) -> bool:
    """Puts imports ahead of all that runs, on a line that is there; False where there is none."""
    statements = module.tree.body
    at = 0
    if ast.get_docstring(module.tree, clean=False) is not None:
        at = 1
    while at < len(statements) and _is_future(statements[at]):
        at += 1
    if at:
        end = edits.span(statements[at - 1])[1]
        edits.splice(end, end, f"; {imports}")
        return True
    first = statements[0]
    if not isinstance(first, _COMPOUND):
        start = edits.span(first)[0]
        edits.splice(start, start, f"{imports}; ")
        return True
    top = min(each.lineno for each in (first, *getattr(first, "decorator_list", ())))
    if top > 1:
        edits.splice(0, 0, f"{imports}  ")
        return True
    return False


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _check(module: Module, text: str) -> None:
    """What was made is a module with as many lines; anything else is a mistake in here."""
    ast.parse(text)
    before, after = module.text.count("\n"), text.count("\n")
    assert before == after, f"{module.file} had {before} lines and has {after} after lowering"
