"""The difference between what a slot holds and what it is to hold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Changes:
    """What to do to a slot, in this order; all names are relative to it.

    `remove`: files and empty folders that are wrong or too many. `folders`: to make, outer ones first. `copy`: files
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
    folders = {str(parent) for name in missing for parent in PurePosixPath(name).parents} - {"."}
    return Changes(
        tuple(name for name, digest in other.items() if wanted.get(name) != digest),
        tuple(sorted(folders)),
        tuple(sorted(at_hand)),
        tuple(sorted(name for name in missing if name not in at_hand)),
    )
