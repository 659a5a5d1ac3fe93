"""`corten new`: what it makes works as its README says, and what it refuses."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from host_tools import new_project
from host_tools.boards import load_all
from tests.host_tools.commands import Corten, Ended

TEMPLATES = sorted(new_project.templates())


def inside(corten: Corten, name: str) -> Corten:
    """The command line in a project that was made."""
    return Corten(corten.folder / name, corten.env)


def commands_of(readme: str) -> list[str]:
    """What a README's block of commands says to type."""
    (block,) = re.findall(r"```\n(.*?)```", readme, re.DOTALL)
    return [line.partition("#")[0].strip() for line in block.splitlines()]


def ruff(folder: Path, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_it_makes_does_what_its_readme_says(corten: Corten, template: str) -> None:
    assert corten("new", "meter", "--template", template).status == 0
    project = inside(corten, "meter")
    readme = (project.folder / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# meter\n")
    for line in commands_of(readme):
        _, *words = shlex.split(line)
        if words == ["run"] and template == "app":  # it runs until a Ctrl-C
            ended = project("run", "--timeout", "10")
            assert (ended.status, ended.out) == (3, "blinking and listening\r\n"), ended.err
        else:
            ended = project(*words)
            assert ended.status == 0, (line, ended)
    named = re.findall(r"^\| `([\w/.]+)` \|", readme, re.MULTILINE)
    assert [name for name in named if not (project.folder / name).is_file()] == []
    assert ruff(project.folder, "check") == ""
    assert ruff(project.folder, "format", "--check") == ""


def test_tests_run_on_the_projects_board_with_the_apps_modules(corten: Corten) -> None:
    corten("new", "meter")
    ended = inside(corten, "meter")("test", "--jobs", "1", "--json")
    names = [test["test"] for test in json.loads(ended.out)["tests"]]
    assert "tests/target/answers_lines.py::mps2_an385" in names
    assert not [name for name in names if name.startswith("tests/target") and "mps2_an385" not in name]


def test_it_tells_what_it_made_and_what_comes_next(corten: Corten) -> None:
    ended = corten("new", "meter")
    lines = ended.out.splitlines()
    assert lines[0] == "meter: a project for the Arm MPS2 with AN385"
    assert lines[-4:] == ["next:", "  cd meter", "  corten test", "  corten run"]
    made = [line.strip() for line in lines[1:-4]]
    found = sorted(str(path.relative_to(corten.folder / "meter")) for path in (corten.folder / "meter").rglob("*"))
    assert made == [name for name in found if (corten.folder / "meter" / name).is_file()]


def test_app_calls_things_as_the_board_does(corten: Corten) -> None:
    corten("new", "meter")
    text = (corten.folder / "meter/app/main.py").read_text(encoding="utf-8")
    assert "led = board.LED.into_output(" in text
    assert "CAPABILITIES" not in text


def test_for_machines(corten: Corten) -> None:
    told = json.loads(corten("new", "meter", "--template", "bare", "--board", "netduinoplus2", "--json").out)
    assert (told["folder"], told["board"], told["template"]) == ("meter", "netduinoplus2", "bare")
    assert "app/main.py" in told["files"]
    assert 'board = "netduinoplus2"' in (corten.folder / "meter/corten.toml").read_text(encoding="utf-8")


def test_folder_that_is_empty_is_taken(corten: Corten) -> None:
    (corten.folder / "meter").mkdir()
    ended = inside(corten, "meter")("new", ".", "--template", "bare")
    assert ended.status == 0
    assert "cd " not in ended.out


def refused(corten: Corten, *arguments: str) -> Ended:
    before = sorted(corten.folder.rglob("*"))
    ended = corten("new", *arguments)
    assert ended.status == 2
    assert sorted(corten.folder.rglob("*")) == before
    return ended


def test_folder_with_something_in_it_is_refused(corten: Corten) -> None:
    corten.write("meter/notes.txt", "mine")
    assert refused(corten, "meter").error == (
        "corten: meter is not empty: it has notes.txt\n  fix: give the project another name, or empty it"
    )


def test_file_in_its_place_is_refused(corten: Corten) -> None:
    corten.write("meter", "mine")
    assert refused(corten, "meter").error.startswith("corten: meter is a file")


def test_unknown_template_is_refused(corten: Corten) -> None:
    assert refused(corten, "meter", "--template", "web").error == (
        "corten: there is no template 'web'\n  fix: name one of them: app, bare"
    )


def test_unknown_board_is_refused(corten: Corten) -> None:
    assert 'no board is called "pico"' in refused(corten, "meter", "--board", "pico").error


def test_board_that_cannot_do_it_is_refused(corten: Corten) -> None:
    error = refused(corten, "meter", "--board", "netduinoplus2").error
    assert "the template app needs what netduinoplus2 cannot do: led: " in error
    assert "fix: take another board, or --template bare" in error


def test_some_template_is_for_each_board() -> None:
    needs = [template.needs for template in new_project.templates().values()]
    assert [board.name for board in load_all() if not any(set(each) <= set(board.capabilities) for each in needs)] == []


def test_help_lists_every_template(corten: Corten) -> None:
    text = " ".join(corten("new", "--help").out.split())
    assert [name for name in TEMPLATES if f"{name}, " not in text and f"{name} (the default)" not in text] == []
