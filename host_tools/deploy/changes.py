"""The difference between what a slot holds and what it is to hold. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Changes:
    """What to do to a slot, in this order; all names are relative to it.

    `remove`: files and folders that are wrong or too many. `folders`: to make, outer ones first. `copy`: files
    that the running slot has. `send`: files that only the host has.
    """

    remove: tuple[str, ...]
    folders: tuple[str, ...]
    copy: tuple[str, ...]
    send: tuple[str, ...]


def changes(wanted: Mapping[str, str], running: Mapping[str, str], other: Mapping[str, str]) -> Changes:
    """What makes the other slot into `wanted`; all map names to digests."""
    missing = [name for name, digest in wanted.items() if other.get(name) != digest]
    at_hand = {name for name in missing if running.get(name) == wanted[name]}
    return Changes(
        tuple(sorted({_outermost(name, wanted) for name, digest in other.items() if wanted.get(name) != digest})),
        tuple(sorted(_folders(missing))),
        tuple(sorted(at_hand)),
        tuple(sorted(name for name in missing if name not in at_hand)),
    )


def _folders(names: Iterable[str]) -> set[str]:
    return {str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."}


def _outermost(name: str, wanted: Iterable[str]) -> str:
    """The outermost folder of a file that nothing wanted is in, else the file."""
    kept = _folders(wanted)
    return next((folder for folder in sorted(_folders([name])) if folder not in kept), name)
