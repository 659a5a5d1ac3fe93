"""derivedFrom: an element of an SVD file takes from another one what it does not say itself."""

import copy
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from host_tools.errors import UsageError
from host_tools.svd.parser import Parser

DEEPEST = 32
_CHILDREN = ("registers", "clusters", "fields")
_NOT_TAKEN = {"parent", "name", "derived_from", "dim"}
_ARRAY = {"dim_increment", "dim_index", "dim_name", "dim_array_index", "dim_index_separator"}


def meta(element: Any) -> Any:
    """What is written of an array: the package's object in it."""
    for name in ("meta_register", "meta_cluster", "meta_field"):
        if (found := getattr(element, name, None)) is not None:
            return found
    return element


class Derivations:
    """Resolves what derives from what within one file. Peripherals are parsed when they are first asked for."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._nodes = parser.nodes()
        self._parsed: dict[str, Any] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The peripherals, in the order of the file."""
        return tuple(self._nodes)

    def outline(self, name: str) -> Any:
        """A peripheral as written, without its registers."""
        return self._parser.outline(self._nodes[name])

    def has_registers(self, name: str) -> bool:
        """Whether a peripheral lists registers of its own."""
        return self._nodes[name].find("registers/*") is not None

    def parent(self, name: str) -> str | None:
        """What a peripheral derives from."""
        return next(self.ancestors(name), None)

    def ancestors(self, name: str) -> Iterator[str]:
        """What a peripheral derives from, and so on; UsageError where there is no such, or where that is a circle."""
        seen = {name}
        while (parent := self._nodes[name].get("derivedFrom")) is not None:
            parent = parent.strip()
            if parent not in self._nodes:
                raise self._error(f"peripheral {name}", f"derives from {parent}, which there is not")
            if parent in seen:
                raise self._error(f"peripheral {name}", f"derives from itself, through {parent}")
            seen.add(parent)
            yield parent
            name = parent

    def peripheral(self, name: str) -> Any:
        """A peripheral as written, without what it derives from."""
        if name not in self._parsed:
            self._parsed[name] = self._parser.peripheral(self._nodes[name])
        return self._parsed[name]

    def forget(self, name: str) -> None:
        """Frees what was parsed of a peripheral: a whole chip at once would take hundreds of MiB."""
        self._parsed.pop(name, None)

    def resolved(self, element: Any, siblings: list[Any], home: str, where: str) -> Any:
        """A register, cluster or field with what it derives from. `home` is the peripheral that it is in."""
        return self._resolved(element, siblings, home, where, (element,))

    def _resolved(self, element: Any, siblings: list[Any], home: str, where: str, chain: tuple[Any, ...]) -> Any:
        if not element.derived_from:
            return element
        path = element.derived_from.strip()
        found = self._find(path.split("."), siblings, home)
        if found is None or type(found[0]) is not type(element):
            raise self._error(where, f"derives from {path}, which there is not")
        base, base_siblings, base_home = found
        if any(base is each for each in chain) or len(chain) > DEEPEST:
            raise self._error(where, f"derives from itself, through {path}")
        return overlay(element, self._resolved(base, base_siblings, base_home, where, (*chain, base)))

    def values(self, path: str, register: Any, home: str, where: str) -> Any:
        """The enumeratedValues of that name, in the register, else in the peripheral, or at a path from the top."""
        *place, name = path.strip().split(".")
        start = place[0] if place and place[0] in self._nodes else home
        scopes = [[register]] if start == home and not place else []
        scopes.append(self.peripheral(start).registers or [])
        for scope in scopes:
            for field in _fields(scope):
                for values in meta(field).enumerated_values or ():
                    if values.name == name and not values.derived_from:
                        return values
        raise self._error(where, f"its values derive from {path}, which there is not")

    def _find(self, path: list[str], siblings: list[Any], home: str) -> tuple[Any, list[Any], str] | None:
        if len(path) == 1:
            found = _named(siblings, path[0])
            return (found, siblings, home) if found else None
        if path[0] in self._nodes:
            home, path = path[0], path[1:]
        level, found = list(self.peripheral(home).registers or []), None
        for number, name in enumerate(path):
            found = _named(level, name)
            if found is None:
                return None
            if number + 1 < len(path):
                level = children(found)
        return found, level, home

    def _error(self, where: str, what: str) -> UsageError:
        return UsageError(f"{self._parser.name}: {where}: {what}", fix="correct derivedFrom, or patch it with --patch")


def children(element: Any) -> list[Any]:
    """What is in a cluster or a register."""
    return [each for name in _CHILDREN for each in getattr(element, name, None) or ()]


def overlay(own: Any, base: Any) -> Any:
    """`own`, with what it does not say taken from `base`; of what both list, its own replace those of that name."""
    result = copy.copy(own)
    is_array = own.dim_index is not None or "%s" in (own.name or "")
    for each in fields(own):
        mine, theirs = getattr(own, each.name), getattr(base, each.name)
        if each.name in _NOT_TAKEN or (each.name in _ARRAY and not is_array):
            continue
        if each.name in _CHILDREN and mine and theirs:
            names = {meta(child).name for child in mine}
            setattr(result, each.name, [child for child in theirs if meta(child).name not in names] + mine)
        elif mine is None or mine == []:
            setattr(result, each.name, theirs)
    return result


def _named(elements: list[Any], name: str) -> Any:
    for each in map(meta, elements):
        written = each.name or ""
        if name in (written, written.replace("[%s]", ""), written.replace("%s", "")):
            return each
    return None


def _fields(elements: list[Any]) -> Iterator[Any]:
    for each in map(meta, elements):
        yield from getattr(each, "fields", ())
        yield from _fields([*getattr(each, "registers", ()), *getattr(each, "clusters", ())])
