"""Patches of an SVD file in svdtools' YAML, applied by svdtools itself.

svdtools passes over most rules that match nothing. Here they are errors: a patch with a misspelt name, or for another
version of the vendor's file, would silently give the wrong registers. Rules that may match nothing start with `?~`.

The package is fetched when the first patch is applied: it asks for an lxml that has no build for Python 3.13 and later,
and works with a later one.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from host_tools import packages
from host_tools.errors import UsageError

VERSION = "0.1.27"
OPTIONAL = "?~"
SCHEMA = "https://github.com/rust-embedded/svdtools describes the rules"

FAILURES = (
    ValueError, AssertionError, AttributeError, TypeError, KeyError, IndexError, RecursionError, NotImplementedError
)  # fmt: skip
"""What svdtools raises for a patch that is not as it has to be."""

OF_INTERRUPTS = "_interrupts"


def apply(tree: Any, path: Path, say: Callable[[str], None]) -> None:
    """Changes the XML tree of an SVD file as a patch says.

    UsageError for a patch that is no YAML, or has a rule that matches nothing or cannot be applied.
    """
    svdtools = _svdtools(say)
    rules = _load(path, svdtools)
    _refuse_derived(tree, rules, path, svdtools)
    with _watched(svdtools) as matched:
        try:
            svdtools.process_device(tree, rules)
        except svdtools.UnknownTagError:
            pass  # It sorts elements at its end and does not know a vendor's own; their order is of no account here.
        except FAILURES as error:
            _check_matched(matched, rules, path)
            reason = str(error) or type(error).__name__
            raise UsageError(f"{path}: cannot be applied: {reason}", fix=SCHEMA) from error
    _check_matched(matched, rules, path)


def _check_matched(matched: dict[str, bool], rules: Any, path: Path) -> None:
    optional = {key.removeprefix(OPTIONAL) for key in _keys(rules) if key.startswith(OPTIONAL)} | {"*"}
    if missed := sorted(spec for spec, found in matched.items() if not found and spec not in optional):
        fix = f"correct the name, or write {OPTIONAL} before it where it may match nothing"
        raise UsageError(f"{path}: matches nothing: {', '.join(missed)}", fix=fix)


def _keys(rules: Any) -> Iterator[str]:
    if isinstance(rules, dict):
        for key, value in rules.items():
            yield str(key)
            yield from _keys(value)


def _load(path: Path, svdtools: Any) -> dict[str, Any]:
    try:
        rules = yaml.safe_load(path.read_bytes())
        if isinstance(rules, dict):
            rules["_path"] = str(path)
            svdtools.yaml_includes(rules)
    except (yaml.YAMLError, *FAILURES) as error:
        raise UsageError(f"{path}: not a patch in YAML: {error}", fix=SCHEMA) from error
    if not isinstance(rules, dict):
        raise UsageError(f"{path}: not a patch: it has no keys", fix=SCHEMA)
    return rules


def _refuse_derived(tree: Any, rules: dict[str, Any], path: Path, svdtools: Any) -> None:
    """svdtools leaves a derived peripheral's registers alone, as it has none: what is asked for would not happen."""
    for spec, body in rules.items():
        if spec.startswith("_") or not isinstance(body, dict):
            continue
        matched = list(svdtools.Device(tree).iter_peripherals(svdtools.get_spec(spec)[0]))
        if matched and all("derivedFrom" in each.attrib for each in matched):
            parent = matched[0].get("derivedFrom")
            raise UsageError(f"{path}: {spec} derives from {parent}", fix=f"patch {parent}")


@contextmanager
def _watched(svdtools: Any) -> Iterator[dict[str, bool]]:
    """What svdtools looks for in the meantime, and whether any name has matched it."""
    matched: dict[str, bool] = {}
    matchname, pattern = svdtools.matchname, svdtools.create_regex_from_pattern

    def watched_match(name: str, spec: str) -> bool:
        found: bool = matchname(name, spec)
        matched[spec] = matched.get(spec, False) or found
        return found

    def watched_pattern(substring: str, strip_end: bool) -> "_Strip":
        matched.setdefault(substring, False)
        return _Strip(pattern(substring, strip_end), lambda: matched.update({substring: True}))

    svdtools.matchname, svdtools.create_regex_from_pattern = watched_match, watched_pattern
    try:
        yield matched
    finally:
        svdtools.matchname, svdtools.create_regex_from_pattern = matchname, pattern


class _Strip:
    """A pattern to strip that tells when it has stripped something."""

    def __init__(self, pattern: re.Pattern[str], tell: Callable[[], object]) -> None:
        self._pattern = pattern
        self._tell = tell

    def sub(self, replacement: str, text: str) -> str:
        result, count = self._pattern.subn(replacement, text)
        if count:
            self._tell()
        return result


def _svdtools(say: Callable[[str], None]) -> Any:
    if importlib.util.find_spec("svdtools") is None:
        sys.path.append(str(packages.fetch("svdtools", VERSION, say)))
        importlib.invalidate_caches()
    return importlib.import_module("svdtools.patch")
