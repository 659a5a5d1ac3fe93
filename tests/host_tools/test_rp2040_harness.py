"""The JavaScript that runs the RP2040: its syntax, and its own tests, which Node.js runs."""

import os
import subprocess
from pathlib import Path

import pytest

from host_tools import node
from host_tools.targets.rp2040 import HARNESS, library

TESTS = Path(__file__).with_name("rp2040js")
TIMEOUT_S = 60.0


def run(*words: str | Path) -> str:
    """What Node.js says, empty when all is well."""
    ended = subprocess.run(
        [node.program(print), *words],
        env={**os.environ, "CORTEN_RP2040JS": str(library(print))},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "path", [*sorted(HARNESS.glob("*.mjs")), *sorted(TESTS.glob("*.mjs"))], ids=lambda path: path.name
)
def test_module_is_javascript(path: Path) -> None:
    assert run("--check", path) == ""


@pytest.mark.parametrize("path", sorted(TESTS.glob("*.test.mjs")), ids=lambda path: path.name)
def test_module_does_what_it_says(path: Path) -> None:
    assert run("--test", path) == ""


@pytest.mark.parametrize("path", sorted(HARNESS.glob("*.mjs")), ids=lambda path: path.name)
def test_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    lines = text.splitlines()
    assert len(lines) < 500
    assert [line for line in lines if len(line) > 120] == []
