"""`corten deploy` onto a Pico with the vendor's firmware, which knows nothing of Corten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from host_tools import elf, uf2
from host_tools.base import base_of
from host_tools.boards import load_board
from host_tools.build import freeze_and_link
from host_tools.deploy.inventory import Facts
from host_tools.deploy.mount import run_from
from host_tools.deploy.payload import payload
from host_tools.errors import UsageError
from host_tools.link import Link, read_until
from host_tools.targets.rp2040 import Rp2040Target
from tests.host_tools.deploying import PROMPT, ask, bring, restart, write_app

BOARD = "rpi_pico"
BOOT_TIMEOUT_S = 60.0
APP = """
import board
from corten.critical import critical

led = board.LED.into_output()
with critical:
    led.on()
print("Corten runs on", board.NAME)
"""
PLAIN = Facts("1.25.0", (6, 3), "armv6m", deflate=True)


@pytest.fixture(scope="module")
def vendor(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MicroPython's own firmware, with nothing frozen in but what is its own."""
    board, folder = load_board(BOARD), tmp_path_factory.mktemp("vendor")
    base = base_of(board, print)
    freeze_and_link(base, board, base.modules, folder / "firmware.elf")
    assert board.chip.uf2_family
    path = folder / "firmware.uf2"
    path.write_bytes(uf2.write(elf.loaded(folder / "firmware.elf"), board.chip.uf2_family))
    return path


@pytest.fixture
def link(vendor: Path, tmp_path: Path) -> Iterator[Link]:
    with Rp2040Target(load_board(BOARD), vendor, flash=tmp_path / "flash.bin") as target:
        read_until(target.console, PROMPT, BOOT_TIMEOUT_S)
        yield target.console


def test_what_the_board_lacks_of_corten_is_deployed_with_the_app(link: Link, tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": APP})
    report = bring(link, app, board=BOARD)
    assert {"main.mpy", "board.mpy", "corten/critical.mpy", "corten/drivers/gpio_rp2040.mpy"} <= set(report.sent)
    assert "corten/trace.mpy" not in report.sent, "the app does not reach it"
    assert f"Corten runs on {BOARD}" in restart(link)
    assert not bring(link, app, board=BOARD).is_changed


def test_app_without_corten_brings_itself_alone(link: Link, tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": "import json\nprint(json.dumps([1, 2]))\n"})
    assert bring(link, app).sent == ("main.mpy",)
    assert "[1, 2]" in restart(link)
    assert ask(link, "__import__('os').listdir()") == "['main.mpy']"


def test_mount_on_the_vendors_firmware(link: Link, tmp_path: Path) -> None:
    app = write_app(
        tmp_path / "app", {"main.py": "import os, word\nprint(word.X, os.getcwd())\n", "word.py": "X = 5\n"}
    )
    said: list[bytes] = []
    assert run_from(link, app, "import main", said.append) == ""
    assert b"".join(said).split() == [b"5", b"/remote"]


def test_board_has_to_be_known_where_the_app_imports_it(tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": APP})
    with pytest.raises(UsageError, match="it is not known which one that is"):
        payload(str(app), PLAIN, None, False, print)


def test_board_that_cannot_be_what_is_connected(tmp_path: Path) -> None:
    app = write_app(tmp_path / "app", {"main.py": APP})
    with pytest.raises(UsageError, match="mps2_an385 runs native code for armv7m, and what is connected for armv6m"):
        payload(str(app), PLAIN, "mps2_an385", False, print)
