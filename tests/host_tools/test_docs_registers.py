"""What docs/registers.md shows is what there is: its tutorial runs, and its accesses are lowered as it says."""

import re
import shlex
from pathlib import Path

import pytest
from commands import Corten

from host_tools.boards import load_board
from host_tools.build import build
from host_tools.link import read_until
from host_tools.lower import lower
from host_tools.svd.vendors import svd_file
from host_tools.targets.qemu import QemuTarget

TEXT = (Path(__file__).parents[2] / "docs" / "registers.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
BLINK, TABLE, HOT = PROGRAMS
SHELL = [line for line in TEXT.splitlines() if line.startswith("corten ")]
ROWS = re.findall(r"^\| `(.*?)` \| `(.*?)` \|$", TEXT.split("## What lowering does")[1], re.MULTILINE)
SVD = "STM32L4x5.svd"
ODR = 0x4800_0414
PIN = 1 << 14


@pytest.fixture
def tutorial(corten: Corten, monkeypatch: pytest.MonkeyPatch) -> Corten:
    """A folder after the tutorial's first commands, with its program in it."""
    monkeypatch.chdir(corten.folder)
    corten.write(f"svd/{SVD}", svd_file(SVD, print).read_text(encoding="utf-8"))
    assert run(corten, "corten svd generate") == 0
    corten.write("blink/main.py", BLINK)
    return corten


def run(corten: Corten, beginning: str) -> int:
    line = next(each for each in SHELL if each.startswith(beginning))
    return corten(*shlex.split(line)[1:]).status


def test_tutorial_builds_and_runs(tutorial: Corten) -> None:
    assert run(tutorial, "corten build") == 0
    assert run(tutorial, "corten run") == 0


def test_led_blinks_as_seen_from_outside(tutorial: Corten) -> None:
    program = tutorial.folder / "blink" / "main.py"
    program.write_text(BLINK + "print('done')\nimport machine\nmachine.idle()\n", encoding="utf-8")
    image = build(load_board("b_l475e_iot01a"), str(program.parent), print)
    seen = set()
    with QemuTarget(image, monitor=True) as target:
        while len(seen) < 2:
            seen.add(target.monitor.read_word(ODR) & PIN)
        read_until(target.console, b"done", 10.0)
    assert seen == {0, PIN}


@pytest.mark.parametrize(("source", "image"), [(row[0], row[1].replace("\\|", "|")) for row in ROWS])
def test_access_is_lowered_as_the_table_says(source: str, image: str) -> None:
    head = f"from corten.atomic import atomic\n{TABLE}\n"
    notes = lower({"main.py": f"{head}def f(n):\n    {source}\n"})["main.py"].notes
    assert [(note.result or "").replace("_mem32", "mem32") for note in notes] == [image]


def test_program_for_the_viper_emitter_is_lowered() -> None:
    found = lower({"main.py": f"{TABLE}\n{HOT}\n"})["main.py"]
    assert "@micropython.viper" in found.text
    assert [note.reason for note in found.notes] == [None, None]
