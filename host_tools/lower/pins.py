"""Whether a handle of a pin is still what it was made as, wherever its one name is used: nothing in the image moves it.

`into_input()` and the like consume a handle, and so does closing it: whatever used it then raises `UseAfterMove`, and
is not lowered. Where the handle has another name as well, anything that is moved or closed by a name that is not known
may be it, and so is what a scope owns or a bus is made of. What is not seen: a resource of the board under a name
of the program's own (`mine = board.CAPABILITIES["led"]`) that is released by it.
"""

import ast
from collections.abc import Iterator

from host_tools.lower.image import Image, Module
from host_tools.lower.meanings import PeripheralRef, PinAt, Symbol
from host_tools.lower.notes import Kept
from host_tools.lower.resolve import Scope

_OWN = "corten."
_ENDS = ("close", "resource", "__exit__", "__enter__")
_TAKERS = ("corten.bus.InputBus", "corten.bus.OutputBus")
_RELEASE_ALL = "corten.owned.release_all"


def check_kept(pin: PinAt, scope: Scope) -> None:
    """Raises Kept if the handle may have been moved, closed or released when its name is used."""
    if not pin.name:
        raise Kept("the handle has no name; bind it once, at the module's level")
    name = pin.name.rpartition(".")[2]
    escape = None
    for module in scope.image.modules.values():
        if module.name.startswith(_OWN):
            continue
        for node in module.nodes:
            if reason := _moved(node, name):
                raise Kept(f"{name} {reason} in {_where(module, node)}")
            if _is_release(node, pin, Scope(scope.image, module)):
                raise Kept(f"its pin is released in {_where(module, node)}")
        escape = escape or next(_escapes(module, name), None)
    if escape and (other := _moved_by_another_name(scope.image)):
        raise Kept(f"{name} has another name too ({escape}), by which it may be moved in {other}")


def _moved(node: ast.AST, name: str) -> str | None:
    match node:
        case ast.Attribute(value=owner, attr=method) if _is_named(owner, name) and _moves(method):
            return f"may be moved or closed by {method}"
        case ast.withitem(context_expr=owner) if _is_named(owner, name):
            return "is closed by with"
    return None


def _moves(method: str) -> bool:
    return method.startswith("into_") or method in _ENDS


def _is_named(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or (isinstance(node, ast.Attribute) and node.attr == name)


def _is_release(node: ast.AST, pin: PinAt, scope: Scope) -> bool:
    match node:
        case ast.Attribute(value=ast.Subscript() | ast.Call(func=ast.Name(id="getattr")), attr="release"):
            return True  # of board.CAPABILITIES["led"], say
        case ast.Call(func=called) if (made := scope.meaning(called)) and isinstance(made, Symbol):
            return made.path == _RELEASE_ALL
        case ast.Attribute(value=owner, attr="release"):
            found = scope.meaning(owner)
            here = {"base": pin.port.place.address, "bit": pin.bit}
            return isinstance(found, PeripheralRef) and found.is_pin and dict(found.numbers) == here
    return False


def _escapes(module: Module, name: str) -> Iterator[str]:
    """Where the handle gets another name: any use that is not an access to one of its attributes, or a call of it."""
    used = {id(node.value) for node in module.nodes if isinstance(node, ast.Attribute)}
    used |= {id(node.func) for node in module.nodes if isinstance(node, ast.Call)}
    for node in module.nodes:
        match node:
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()) if _is_named(node, name):
                if id(node) not in used:
                    yield _where(module, node)
            case ast.ImportFrom(names=aliases) if any(each.name == name and each.asname for each in aliases):
                yield _where(module, node)


def _moved_by_another_name(image: Image) -> str | None:
    """Where something is moved or closed that is not a resource of the board."""
    for module in image.modules.values():
        if not module.name.startswith(_OWN):
            scope = Scope(image, module)
            for node in module.nodes:
                if _may_move(node, scope):
                    return _where(module, node)
    return None


def _may_move(node: ast.AST, scope: Scope) -> bool:
    match node:
        case ast.Attribute(value=owner, attr=method) if _moves(method):
            return not isinstance(scope.meaning(owner), PeripheralRef)
        case ast.withitem(context_expr=ast.Name() | ast.Attribute() as owner):
            return isinstance(scope.meaning(owner), PinAt | None)
        case ast.Call(func=ast.Attribute(attr="own")):
            return True
        case ast.Call(func=called):
            made = scope.meaning(called)
            return isinstance(made, Symbol) and made.path in _TAKERS
    return False


def _where(module: Module, node: ast.AST) -> str:
    return f"{module.file}:{getattr(node, 'lineno', 0) or getattr(getattr(node, 'context_expr', None), 'lineno', 0)}"
