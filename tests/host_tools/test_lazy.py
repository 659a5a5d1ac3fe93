"""Importing modules of a package without its `__init__`."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools.lazy import without_init

PROGRAM = """
import sys
from host_tools.lazy import without_init
with without_init("slow"):
    from slow import part
assert part.VALUE == 7
assert "slow" not in sys.modules
import slow
assert slow.LOADED and slow.part is part
"""


def test_init_does_not_run_before_the_package_itself_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "slow"
    package.mkdir()
    (package / "__init__.py").write_text("import sys\nLOADED = True\nfrom . import part\n", encoding="utf-8")
    (package / "part.py").write_text("VALUE = 7\n", encoding="utf-8")
    environment = {"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)


def test_package_that_was_imported_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    import host_tools

    with without_init("host_tools"):
        assert sys.modules["host_tools"] is host_tools
    assert sys.modules["host_tools"] is host_tools


def test_absent_package_is_an_import_error() -> None:
    with pytest.raises(ModuleNotFoundError), without_init("there_is_no_such_package"):
        importlib.import_module("there_is_no_such_package.part")
