"""What docs/concurrency.md shows is what there is: its programs run, and its table names what can be imported."""

import re
from pathlib import Path

import pytest

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.paths import firmware_dir
from host_tools.testing.case import read_case
from host_tools.testing.runner import run_emulated

TEXT = (Path(__file__).parents[2] / "docs" / "concurrency.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
TAKEN = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", TEXT.split("## Which one")[1].split("\n## ")[0], re.MULTILINE)


@pytest.mark.parametrize("board", ["mps2_an385", "netduinoplus2"])
@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_program_runs_on_the_board(number: int, board: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    ended = PROGRAMS[number].replace("\napp.run()", "\ntry:\n    app.run()\nexcept SystemExit:\n    pass")
    path.write_text(ended, encoding="utf-8")
    assert run_emulated(read_case(path), build(load_board(board), None, print)) is None


def test_every_primitive_of_the_table_has_its_file() -> None:
    names = {word for cell in TAKEN for word in re.findall(r"`(?:with )?(?:corten\.)?(\w+)", cell)}
    files = {path.stem for path in (firmware_dir() / "corten").glob("*.py")}
    known = {name for name in names if name.lower() in files}
    assert known >= {"critical", "ceiling", "Shared", "Channel", "Signal", "soft", "hard", "native", "Spinlock"}
    assert known >= {"Mutex", "Watchdog", "masked"}
