"""What the lock of a `with` statement masks, as far as the source tells."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from host_tools.lower.meanings import CRITICAL, CeilingOf, SharedAt, Symbol, Unknown
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.resolve import Scope
from host_tools.lower.tasks import Tasks


@dataclass(frozen=True)
class Everything:
    """PRIMASK."""


@dataclass(frozen=True)
class UpTo:
    """Interrupts up to a priority, 1 or more and not the most urgent one."""

    priority: int


@dataclass(frozen=True)
class Nothing:
    """The lock of a ceiling of 0."""


MASK, RESTORE = "mask", "restore"
"""Functions of `corten.masking`."""

_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)

Masked = Everything | UpTo | Nothing


@dataclass(frozen=True)
class Lock:
    """The lock of a `with` statement. `shared`: whose it is, spelled as `owner`; `name`: what it is bound to."""

    masked: Masked
    shared: SharedAt | None = None
    owner: ast.expr | None = None
    name: str = ""


def lock_of(node: ast.With, scope: Scope, tasks: Tasks | None) -> Lock | None:
    """The lock, None for another context manager; tasks: None for an unknown board. Raises Kept and Mistaken."""
    found = [_lock(item, scope, tasks) for item in node.items if _is_lock(item.context_expr, scope)]
    if not found:
        return None
    if len(node.items) > 1:
        raise Kept("it is one of several context managers; give it a `with` of its own")
    return found[0]


def shared_words(function: ast.AST, scope: Scope) -> frozenset[str]:
    """The names that the locks of shared words are bound to in a function."""
    return frozenset(
        item.optional_vars.id
        for node in _withs(function)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name)
        and (found := _owner(item.context_expr, scope)) is not None
        and found.is_word
    )


def _is_lock(node: ast.expr, scope: Scope) -> bool:
    if _owner(node, scope) is not None:
        return True
    found = scope.meaning(node)
    if isinstance(found, Unknown):
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ceiling"
    return isinstance(found, CeilingOf) or found == Symbol(CRITICAL)


def _owner(node: ast.expr, scope: Scope) -> SharedAt | None:
    """The shared value of `shared.lock()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="lock"), args=[], keywords=[]):
            found = scope.meaning(owner)
            return found if isinstance(found, SharedAt) else None
    return None


def _lock(item: ast.withitem, scope: Scope, tasks: Tasks | None) -> Lock:
    node = item.context_expr
    shared = _owner(node, scope)
    if shared is not None:
        if tasks is None:
            raise Kept("the board is not known")
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        if not isinstance(item.optional_vars, ast.Name | None):
            raise Kept("it is bound to something else than a name")
        masked = _up_to(tasks.ceiling(shared), tasks)
        return Lock(masked, shared, node.func.value, item.optional_vars.id if item.optional_vars else "")
    if item.optional_vars is not None:
        raise Kept("it is bound to a name")
    found = scope.meaning(node)
    if found == Symbol(CRITICAL):
        return Lock(Everything())
    if not isinstance(found, CeilingOf):
        raise Kept(found.reason if isinstance(found, Unknown) else "its priority is known on the chip only")
    if tasks is None:
        raise Kept("the board is not known")
    return Lock(_up_to(found.level, tasks))


def _up_to(priority: int, tasks: Tasks) -> Masked:
    most = tasks.core.priorities
    if not 0 <= priority <= most:
        message = f"ceiling {priority}: this chip has priorities 0 to {most}"
        raise Mistaken(message, "give one of them")
    if priority == most:
        return Everything()
    return UpTo(priority) if priority else Nothing()


def check_uses(lock: Lock, node: ast.With, function: ast.AST) -> None:
    """Raises Kept unless the lock's name is used for its value only, inside; `function`: what `node` is in."""
    if not lock.name:
        return
    inside = {use for statement in node.body for use in _values(statement, lock.name)}
    bound = {item.optional_vars for item in node.items}
    others = {use for other in _withs(function) if other is not node for use in _own(other, lock.name)}
    for use in ast.walk(function):
        if isinstance(use, ast.Name) and use.id == lock.name and use not in inside | bound | others:
            raise Kept(f"{lock.name} is used for something else than its value, at line {use.lineno}")
        if isinstance(use, ast.arg) and use.arg == lock.name:
            raise Kept(f"{lock.name} is a parameter as well")
    for statement in node.body:
        for other in ast.walk(statement):
            if isinstance(other, ast.With) and any(_binds(item, lock.name) for item in other.items):
                raise Kept(f"{lock.name} is bound again inside, at line {other.lineno}")
            if isinstance(other, _INNER) and any(_values(other, lock.name)):
                raise Kept(f"{lock.name} is used in a function inside, at line {other.lineno}")


def _withs(node: ast.AST) -> Iterator[ast.With]:
    return (each for each in ast.walk(node) if isinstance(each, ast.With))


def _binds(item: ast.withitem, name: str) -> bool:
    return isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name


def _own(node: ast.With, name: str) -> Iterator[ast.Name]:
    """The uses of a name that another `with` binds, in there."""
    if any(_binds(item, name) for item in node.items):
        yield from (item.optional_vars for item in node.items if isinstance(item.optional_vars, ast.Name))
        yield from (each for statement in node.body for each in _values(statement, name))


def _values(node: ast.AST, name: str) -> Iterator[ast.Name]:
    """The uses of a name as in `name.value`."""
    for use in ast.walk(node):
        match use:
            case ast.Attribute(value=ast.Name(id=found) as owner, attr="value") if found == name:
                yield owner


def check_inside(lock: Lock, node: ast.With, held: Iterable[SharedAt]) -> None:
    """Raises Mistaken for what can only go wrong while a lock is held; `held`: shared values locked around it."""
    if lock.shared is not None and lock.shared in held:
        message = f"{lock.shared.name} is locked here already: its lock would raise AlreadyLocked"
        raise Mistaken(message, "use the name that the outer lock is bound to")
    for statement in node.body:
        for inner in () if isinstance(statement, _INNER) else _of_this_function(statement):
            if isinstance(inner, ast.Await | ast.Yield | ast.YieldFrom | ast.AsyncFor | ast.AsyncWith):
                kind = {ast.Yield: "yield", ast.YieldFrom: "yield from"}.get(type(inner), "await")
                message = f"line {inner.lineno}: {kind} inside a lock: interrupts would stay masked while others run"
                raise Mistaken(message, "leave the lock first")


def _of_this_function(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _INNER):
            yield from _of_this_function(child)


def called_as(name: str) -> str:
    """What a module calls a function of `corten.masking`."""
    return f"_corten_{name}"
