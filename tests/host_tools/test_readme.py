"""What the README shows is what there is."""

import re
from pathlib import Path

import pytest

from host_tools.boards import board_names, load_board
from host_tools.build import build
from host_tools.cli import COMMANDS
from host_tools.generate import board_module
from host_tools.lower import lower
from host_tools.paths import firmware_dir
from host_tools.testing.case import read_case
from host_tools.testing.runner import run_emulated

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_program_runs_on_the_board(number: int, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAMS[number], encoding="utf-8")
    assert run_emulated(read_case(path), build(load_board("mps2_an385"), None, print)) is None


def test_accesses_are_lowered_as_the_comments_say() -> None:
    program = next(each for each in PROGRAMS if "mem32" in each)
    sources = {"main.py": program, "board.py": board_module(load_board("mps2_an385"))}
    for name in ("corten/drivers/timer_cmsdk.py", "corten/timer.py", "corten/peripheral.py"):
        sources[name] = (firmware_dir() / name).read_text(encoding="utf-8")
    said = [line.rpartition("# ")[2] for line in program.splitlines() if "# mem32" in line]
    made = [note.result or "" for note in lower(sources)["main.py"].notes]
    assert [each.replace("_mem32", "mem32") for each in made] == said


def test_every_command_is_listed() -> None:
    assert [name for name in COMMANDS if f"`corten {name}" not in README] == []


def test_every_board_is_listed() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) >= set(board_names())


def test_every_folder_of_the_map_exists() -> None:
    folders = re.findall(r"^((?:\w+/)+) ", README.split("## The map")[1], re.MULTILINE)
    assert folders
    assert [name for name in folders if not (ROOT / name).is_dir()] == []
