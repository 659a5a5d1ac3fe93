"""corten.toml: what it sets, and what is said of a wrong one."""

import json
from pathlib import Path

import pytest

from host_tools.errors import UsageError
from host_tools.project import Budget, Settings, settings
from tests.host_tools.commands import Corten

NAMES = "app, board, port, micropython, log, log_level, log_format, budget"
LEVELS = "off, error, warning, info, debug, trace"


def write(folder: Path, text: str) -> Path:
    (folder / "corten.toml").write_text(text, encoding="utf-8")
    return folder


def test_folder_without_one_has_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path) == Settings(app=None, board="mps2_an385", port=None)


def test_what_it_sets_overrides_the_defaults(tmp_path: Path) -> None:
    write(tmp_path, 'app = "meter"\nboard = "netduinoplus2"\nport = "/dev/ttyACM0"\n')
    assert settings(tmp_path) == Settings(app="meter", board="netduinoplus2", port="/dev/ttyACM0")


def test_budget_is_in_bytes(tmp_path: Path) -> None:
    assert settings(write(tmp_path, '[budget]\nflash = "600K"\n')).budget == Budget(600 << 10, None)
    assert settings(write(tmp_path, '[budget]\nflash = "1M"\nram = 512\n')).budget == Budget(1 << 20, 512)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app = ", "corten.toml: Invalid value (at end of document)"),
        ('app = "a"\napp = "b"\n', "corten.toml: Cannot overwrite a value (at line 2, column 10)"),
        (
            "bord = 'x'",
            f"corten.toml: bord: unknown; expected one of {NAMES}",
        ),
        ("log_level = 'loud'", f"corten.toml: log_level: expected one of {LEVELS}, got 'loud'"),
        ("budget = '64K'", "corten.toml: budget: expected a table, got '64K'"),
        ("[budget]\nrom = 1", "corten.toml: budget.rom: unknown; expected one of flash, ram"),
        (
            "[budget]\nram = '64k'",
            """corten.toml: budget.ram: expected a size in bytes, such as 512, "256K" or "4M", got '64k'""",
        ),
        ("port = 1", "corten.toml: port: expected a string, got 1"),
        ("[app]\nname = 'x'", "corten.toml: app: expected a string, got {'name': 'x'}"),
    ],
)
def test_wrong_one(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        settings(write(tmp_path, text))
    assert error.value.message == message
    assert error.value.fix


def test_wrong_encoding(tmp_path: Path) -> None:
    (tmp_path / "corten.toml").write_bytes(b'app = "\xff"')
    with pytest.raises(UsageError, match=r"corten\.toml: .* can't decode byte 0xff"):
        settings(tmp_path)


def test_wrong_one_ends_a_command_with_one_message(corten: Corten) -> None:
    write(corten.folder, "board = mps2")
    ended = corten("build")
    assert ended.status == 2
    assert ended.error == (
        "corten: corten.toml: Invalid value (at line 1, column 9)\n"
        "  fix: correct corten.toml; it may set app, board, port, micropython, log, log_level, log_format, budget"
    )


def test_board_and_app_are_the_projects(corten: Corten) -> None:
    write(corten.folder, 'app = "meter"\nboard = "netduinoplus2"\n')
    corten.write("meter/main.py", "")
    ended = corten("build", "--json")
    found = json.loads(ended.out)
    assert (found["board"], found["app"]) == ("netduinoplus2", "meter")


def test_options_override_it(corten: Corten) -> None:
    write(corten.folder, 'app = "meter"\nboard = "netduinoplus2"\n')
    corten.write("other.py", "")
    ended = corten("build", "--json", "--board", "mps2_an385", "other.py")
    found = json.loads(ended.out)
    assert (found["board"], found["app"]) == ("mps2_an385", "other")
