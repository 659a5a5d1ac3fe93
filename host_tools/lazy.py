"""Imports that cost no more time than what is used of them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec


@contextmanager
def without_init(package: str) -> Iterator[None]:
    """Inside, modules of `package` can be imported without running its `__init__`; afterwards it imports as ever.

    For a package whose modules do not need their `__init__`: mpremote's looks up its own version, which takes as long
    as starting Python does.
    """
    spec = None if package in sys.modules else PathFinder.find_spec(package)
    if spec is None:
        yield
        return
    sys.modules[package] = module_from_spec(spec)
    try:
        yield
    finally:
        del sys.modules[package]
