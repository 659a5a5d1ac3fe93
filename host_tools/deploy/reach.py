"""Which modules an app needs: those that it imports, those that these import, and so on. Pure."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping

DRIVERS = "corten/drivers"
BOARD = "board.py"


def reached(texts: Mapping[str, str], start: Iterable[str]) -> set[str]:
    """The files that are needed when those of `start` are, these included; all are named as `corten/irq.py`.

    The drivers of a board are imported by the names of blocks that its module has.
    """
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        tree = _tree(texts[file])
        names = [*imported(tree, file), *(_blocks(tree) if file == BOARD else ())]
        waiting += [each for name in names for each in _files(name) if each in texts]
    return found


def imported(tree: ast.AST, file: str) -> Iterator[str]:
    """The dotted names that a module imports anywhere; a name taken from a package may be a module as well."""
    package = file.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imports_any(texts: Mapping[str, str], packages: Collection[str]) -> bool:
    """Whether one of the modules imports one of these packages."""
    return any(
        name.partition(".")[0] in packages for file, text in texts.items() for name in imported(_tree(text), file)
    )


def _blocks(tree: ast.AST) -> Iterator[str]:
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (f"{DRIVERS}/{word}".replace("/", ".") for word in words if word.isidentifier())


def _files(name: str) -> Iterator[str]:
    """The files that importing a dotted name may run."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        path = "/".join(parts[:count])
        yield f"{path}.py"
        yield f"{path}/__init__.py"


def _tree(text: str) -> ast.AST:
    """An empty tree for what does not parse: the compiler says what is wrong with it."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])
