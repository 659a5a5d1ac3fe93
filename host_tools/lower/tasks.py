"""The tasks that an image declares, and the ceilings that follow: read from the declarations, nothing runs.

@app.task(binds="TIMER0", priority=2, shares=(count,))
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from host_tools.lower.image import Image, Module
from host_tools.lower.meanings import AppAt, SharedAt
from host_tools.lower.notes import Kept, Mistaken
from host_tools.lower.resolve import Scope

_SOFT = "soft"
_WORD_BITS = 32
_NO_LINE = -1
_IN_THE_MAIN_CONTEXT = 0


@dataclass(frozen=True)
class Core:
    """What masking depends on. priority_bits: of a priority byte. basepri: whether the core has this register.

    lines: interrupt numbers by name. dispatchers: lines for software tasks.
    """

    priority_bits: int
    basepri: bool = True
    lines: Mapping[str, int] = field(default_factory=dict)
    dispatchers: tuple[int, ...] = ()

    @property
    def priorities(self) -> int:
        """The most urgent priority."""
        return 1 << self.priority_bits

    def level(self, priority: int) -> int:
        """What BASEPRI holds to mask up to a priority, 1 or more."""
        return (self.priorities - priority) << (8 - self.priority_bits)


@dataclass(frozen=True)
class Task:
    """One declaration, as far as its source tells; None is what it does not tell. `binds`: a line, -1 for none."""

    where: str
    priority: int | None
    shares: tuple[SharedAt, ...] | None
    binds: int | None


class Tasks:
    """Those of an image."""

    def __init__(self, image: Image, core: Core) -> None:
        """Nothing is read before it is asked for."""
        self.core = core
        self._image = image

    @cached_property
    def _all(self) -> list[Task]:
        return [
            task
            for module in self._image.modules.values()
            if ".task(" in module.text and not module.name.startswith("corten.")
            for task in _declared(module, Scope(self._image, module), self.core)
        ]

    def ceiling(self, shared: SharedAt) -> int:
        """The priority up to which the lock of a shared value masks.

        Raises Kept where the source does not tell, and Mistaken if a task is more urgent than the value's own ceiling.
        """
        if shared.reason:
            raise Kept(shared.reason)
        if shared.ceiling is not None:
            self._check(shared, shared.ceiling)
            return shared.ceiling
        for task in self._all:
            if task.shares is None:
                raise Kept(f"{task.where} shares what is known on the chip only")
        sharing = [task for task in self._all if shared in (task.shares or ())]
        for task in sharing:
            if task.priority is None:
                raise Kept(f"the priority of the task at {task.where} is known on the chip only")
        if not sharing:
            raise Kept(f"no task has {shared.name} in its shares, and it has no ceiling of its own")
        return max(task.priority or 0 for task in sharing)

    def _check(self, shared: SharedAt, ceiling: int) -> None:
        for task in self._all:
            if shared in (task.shares or ()) and (task.priority or 0) > ceiling:
                user = f"the task of priority {task.priority} at {task.where}"
                message = f"{shared.name} has ceiling {ceiling}, and {user} shares it"
                raise Mistaken(message, "leave its ceiling away, or give it the priority of its most urgent task")

    def sources(self, priority: int) -> int:
        """The lines up to a priority, a bit each, for a core without BASEPRI. Raises Kept where that cannot be told."""
        self._check_sources()
        masked = [task for task in self._all if 0 < (task.priority or 0) <= priority]
        lines = {task.binds for task in masked if task.binds is not None and task.binds >= 0}
        if any(task.binds == _NO_LINE for task in masked):
            if not self.core.dispatchers:
                raise Kept("the board names no lines for software tasks")
            lines.update(self.core.dispatchers)
        if not lines:
            raise Kept(f"no task of priority {priority} or less is declared")
        if max(lines) >= _WORD_BITS:
            raise Kept("a line of a task is none of the first 32")
        return sum(1 << line for line in lines)

    def _check_sources(self) -> None:
        for module in self._image.modules.values():
            if "Interrupt(" in module.text and not module.name.startswith("corten."):
                raise Kept(f"{module.file} has interrupts of its own, which may have any priority")
        for task in self._all:
            if task.priority is None or task.binds is None:
                raise Kept(f"the line or priority of the task at {task.where} is known on the chip only")


def _declared(module: Module, top: Scope, core: Core) -> Iterator[Task]:
    for node in module.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="task"), args=unnamed, keywords=words):
                named: dict[str | None, ast.expr] = {word.arg: word.value for word in words}
                if unnamed:
                    named[None] = unnamed[0]
                if isinstance(top.meaning(owner), AppAt) or "shares" in named:
                    yield _task(f"{module.file}:{node.lineno}", named, top, core)


def _task(where: str, named: Mapping[str | None, ast.expr], top: Scope, core: Core) -> Task:
    if None in named:
        return Task(where, None, None, None)
    priority = top.constant(named["priority"]) if "priority" in named else 1
    kind = named.get("kind")
    if isinstance(kind, ast.Constant) and kind.value == _SOFT:
        priority = _IN_THE_MAIN_CONTEXT
    elif kind is not None and not isinstance(kind, ast.Constant):
        priority = None
    return Task(where, priority, _shares(named.get("shares"), top), _line(named.get("binds"), top, core))


def _shares(node: ast.expr | None, top: Scope) -> tuple[SharedAt, ...] | None:
    if node is None:
        return ()
    if not isinstance(node, ast.Tuple | ast.List):
        return None
    found = [top.meaning(each) for each in node.elts]
    shared = tuple(each for each in found if isinstance(each, SharedAt))
    return shared if len(shared) == len(found) else None


def _line(node: ast.expr | None, top: Scope, core: Core) -> int | None:
    match node:
        case None | ast.Constant(value=None):
            return _NO_LINE
        case ast.Constant(value=str(name)):
            return core.lines.get(name)
    return top.constant(node)
