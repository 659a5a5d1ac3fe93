"""Every module of the firmware imports on the host, and touches no hardware while it does."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).parent.parent.parent / "firmware"
MODULES = sorted(
    str(path.relative_to(FIRMWARE).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    for path in (FIRMWARE / "corten").rglob("*.py")
)


@pytest.mark.parametrize("module", MODULES)
def test_import_touches_nothing(module):
    # In a process of its own, so that nothing is imported already; the stubs raise on any access.
    paths = [str(Path(__file__).parent), str(Path(__file__).parent / "stubs"), str(FIRMWARE)]
    code = f"import sys; sys.path[:0] = {paths}; import {module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_module_says_what_it_is(module):
    assert importlib.import_module(module).__doc__
