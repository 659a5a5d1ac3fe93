"""Lowers the modules of an image: typed register accesses become the plain loads and stores that an expert would write.

    lowered = lower({"main.py": text, "corten/register.py": …})
    lowered["main.py"].text         # as many lines, every statement on its own line
    lowered["main.py"].notes        # what was lowered, what was kept and why

The lowered code makes the same bus accesses in the same order, and raises where the source would: what cannot be told
from the source stays as it is, or keeps its check, with the original call behind it. Pure: nothing is read or run.

image.py and bindings.py know the modules and their names, resolve.py says what an expression means, ranges.py between
which numbers it lies; ordinary.py rewrites a module, loads.py and stores.py one access each, hot.py a marked function.
locks.py says what a lock masks, tasks.py which ceilings follow from the tasks; ordinary_locks.py goes over a module
before ordinary.py, logs.py ahead of all; hot_locks.py and hot_channels.py leave placeholders, for which the build puts
in machine code.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from host_tools.logs import Format, Logs
from host_tools.lower.edits import Edits
from host_tools.lower.hot_locks import Locking
from host_tools.lower.image import Image, Module
from host_tools.lower.locks import called_as
from host_tools.lower.logs import MODULE, LoweredLogs, lower_logs
from host_tools.lower.notes import Note
from host_tools.lower.ordinary import ACCESSES, KEEP, Lowering, kept_lines
from host_tools.lower.ordinary_locks import OrdinaryLocks
from host_tools.lower.placeholders import Placeholder
from host_tools.lower.tasks import Core, Tasks

__all__ = ["KEEP", "Core", "Lowered", "Note", "Placeholder", "lower"]

_LEFT_ALONE = (
    *("register", "refusal", "field", "elements", "atomic", "hot", "peripheral"),
    *("critical", "ceiling", "shared", "native", "interpreter"),
)
"""The modules of `corten` that registers and locks are made of."""

_COMPOUND = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)


@dataclass(frozen=True)
class Lowered:
    """A module's new text, and what was done to it.

    `placeholders`: to be replaced in what is compiled from it. `formats`: the texts of its framed log lines.
    """

    text: str
    notes: tuple[Note, ...] = ()
    is_changed: bool = False
    placeholders: tuple[Placeholder, ...] = ()
    formats: tuple[Format, ...] = ()


def lower(
    sources: Mapping[str, str],
    paths: Mapping[str, str] | None = None,
    core: Core | None = None,
    locks: bool = True,
    spliced: bool = True,
    logs: Logs | None = None,
) -> dict[str, Lowered]:
    """Lowers all modules of an image; sources: file name in the image, such as `corten/irq.py`, to text.

    paths: what the user calls a file, for messages, where that is not its name in the image. core: what the locks of
    ceilings and shared values need to be lowered. locks: False leaves all locks as they are.
    spliced: False if placeholders are not replaced, because something else than the build compiles the text.
    logs: what becomes of log lines; None leaves them as they are.

    Raises UsageError for what would fail whenever it runs, and for a table of registers that makes no sense.
    """
    logged = _logs(sources, paths or {}, logs) if logs else {}
    if logged:
        sources = {file: logged[file].text if file in logged else text for file, text in sources.items()}
    locked = _locks(sources, paths or {}, core) if locks else {}
    texts = {file: found.text if (found := locked.get(file)) else text for file, text in sources.items()}
    image = Image(texts, paths or {})
    tasks = Tasks(image, core) if core else None
    modules = {module.file: module for module in image.modules.values()}
    made = {
        file: _lowered(image, modules.get(file), text, locked.get(file), Locking(tasks, spliced) if locks else None)
        for file, text in sources.items()
    }
    return made | {file: _with_logs(made[file], found) for file, found in logged.items()}


def _logs(sources: Mapping[str, str], paths: Mapping[str, str], logs: Logs) -> dict[str, LoweredLogs]:
    """The modules whose log lines were lowered, or are to be told of, by file."""
    own, name = MODULE.replace(".", "/"), MODULE.rpartition(".")[2]
    others = (text for file, text in sources.items() if not file.startswith(own))
    users = any(f"{MODULE} " in text or f"import {name}" in text for text in others)
    return lower_logs(Image(sources, paths), logs) if users else {}


def _with_logs(made: Lowered, found: LoweredLogs) -> Lowered:
    return replace(made, notes=(*found.notes, *made.notes), is_changed=True, formats=tuple(found.formats))


def _locks(sources: Mapping[str, str], paths: Mapping[str, str], core: Core | None) -> dict[str, OrdinaryLocks]:
    """The modules whose locks were lowered, or are to be told of, by file."""
    image = Image(sources, paths)
    tasks = Tasks(image, core) if core else None
    made = {}
    for module in image.modules.values():
        if "with " in module.text and not _is_left_alone(module):
            found = OrdinaryLocks(image, module, tasks, kept_lines(module.text))
            if found.notes:
                made[module.file] = found
    return made


def _is_left_alone(module: Module) -> bool:
    return module.name in {f"corten.{name}" for name in _LEFT_ALONE}


def _lowered(
    image: Image, module: Module | None, text: str, locks: OrdinaryLocks | None, locking: Locking | None
) -> Lowered:
    """A module's lowered text; `text` is the original one."""
    if module is None or _is_left_alone(module):
        return Lowered(text)
    accesses = (node for node in module.nodes if isinstance(node, ast.Attribute) and node.attr in ACCESSES)
    if locks is None and "hot" not in text and next(accesses, None) is None:
        return Lowered(text)
    made = Lowering(image, module, locking)
    notes = [*(locks.notes if locks else ()), *made.notes]
    if made.edits.is_empty and module.text == text:
        return Lowered(text, tuple(notes))
    called = (locks.called if locks else set()) | (locking.called if locking else set())
    names = ", ".join(f"{name} as {called_as(name)}" for name in sorted(called))
    imports = [f"from corten.masking import {names}{locks.setup if locks else ''}"] if names else []
    if memories := ", ".join(f"{name} as {own}" for name, own in made.names.memories.items()):
        imports.append(f"from machine import {memories}")
    if imports and not _insert(module, made.edits, "; ".join(imports)):
        reason = "the module has no simple statement or free line at its top, for an import"
        kept = (Note(each.file, each.line, each.column, each.source, None, reason) for each in notes)
        return Lowered(text, tuple(kept))
    result = made.edits.result()
    _check(module, result)
    return Lowered(result, tuple(notes), True, tuple(locking.placeholders.made) if locking else ())


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
    before, after = module.text.count("\n"), text.count("\n")  # as the locks left it, in as many lines as it had
    assert before == after, f"{module.file} had {before} lines and has {after} after lowering"
