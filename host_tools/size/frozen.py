"""What mpy-tool made of the modules: which symbol of its C file belongs to which function of which module."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from host_tools.python_scopes import MODULE, PythonScope, scopes

_LINE = re.compile(
    r"^// - frozen file name: (?P<file>.+)|"
    r"^// child of (?P<parent>\w+)|"
    r"^// frozen (?P<kind>bytecode|native code) for file .*, scope (?P<scope>\w+)|"
    r"^(?:static )?const (?:struct )?[\w ]*?[* ](?:const )?(?P<symbol>\w+)(?:\[[^]]*\])?[^=;]*=",
    re.MULTILINE,
)
_MODULE_SCOPE = "_lt_module_gt_"


@dataclass(frozen=True)
class Owner:
    """Whose a symbol is: a module's file, a function in it, and what it is of that."""

    file: str
    function: str
    what: str


@dataclass
class _Code:
    """A function that was compiled: `scope` as mpy-tool spells it, with all names around it."""

    scope: str
    what: str
    children: "list[_Code]" = field(default_factory=list)


def owners(path: Path, sources: Mapping[str, str]) -> dict[str, Owner]:
    """The symbols of frozen_content.c, by name. `sources`: the text of modules by file, as far as it is known."""
    found: dict[str, Owner] = {}
    for file, symbols, codes in _modules(path.read_text(encoding="utf-8", errors="replace")):
        owned = _named(codes, sources.get(file))
        for symbol in symbols:
            if not symbol.startswith("mp_"):
                found[symbol] = _owner(symbol, file, owned)
    return found


def _modules(text: str) -> Iterator[tuple[str, list[str], dict[str, _Code]]]:
    """Of each module its file, its symbols and its functions by scope, its own code first."""
    file, parent = "", ""
    symbols: list[str] = []
    codes: dict[str, _Code] = {}
    for line in _LINE.finditer(text):
        if line["file"]:
            if file:
                yield file, symbols, codes
            file, symbols, codes, parent = line["file"], [], {}, ""
        elif line["parent"]:
            parent = line["parent"]
        elif line["scope"]:
            code = codes[line["scope"]] = _Code(line["scope"], line["kind"].replace("native", "machine"))
            if parent in codes:
                codes[parent].children.append(code)
        elif file:
            symbols.append(line["symbol"])
    if file:
        yield file, symbols, codes


def _named(codes: dict[str, _Code], source: str | None) -> dict[str, tuple[str, str]]:
    """The path of each function, and what it is, by its scope."""
    found: dict[str, tuple[str, str]] = {}
    try:
        known = scopes(source) if source is not None else None
    except SyntaxError:
        known = None
    if codes:
        _walk(next(iter(codes.values())), MODULE, known, found)
    return found


def _walk(code: _Code, path: str, known: PythonScope | None, found: dict[str, tuple[str, str]]) -> None:
    found[code.scope] = path, code.what
    inner = known.children if known and len(known.children) == len(code.children) else None
    around = "" if path == MODULE else f"{path}."
    for number, child in enumerate(code.children):
        if inner:
            _walk(child, inner[number].path, inner[number], found)
        else:
            _walk(child, around + _simple(child.scope, code.scope, path == MODULE), None, found)


def _owner(symbol: str, file: str, codes: dict[str, tuple[str, str]]) -> Owner:
    for prefix in ("fun_data_", "proto_fun_", "children_"):
        if symbol.startswith(prefix) and (found := codes.get(symbol.removeprefix(prefix))):
            return Owner(file, found[0], found[1] if prefix == "fun_data_" else "table")
    return Owner(file, MODULE, "constants" if symbol.startswith("const_") else "table")


def _simple(scope: str, parent: str, in_module: bool) -> str:
    """`bind` of the scope `corten_irq_Interrupt_bind`, whose parent is `corten_irq_Interrupt`."""
    prefix = parent.removesuffix(_MODULE_SCOPE) if in_module else f"{parent}_"
    return scope.removeprefix(prefix).replace("_lt_", "<").replace("_gt_", ">")
